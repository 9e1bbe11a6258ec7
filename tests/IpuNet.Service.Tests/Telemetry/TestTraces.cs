using System.Diagnostics;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Telemetry;

namespace IpuNet.Service.Tests.Telemetry;

/// <summary>
/// Listens to the traces of the product and of the test itself. Listeners are a process's, and messages carry the trace of their sender: it listens to what
/// its own test does, and traces nothing of the tests beside it.
/// </summary>
internal static class TestTraces
{
    private const string SourceName = "IpuNet.Service.Tests";

    /// <summary>Source of the traces that tests begin.</summary>
    public static ActivitySource Source { get; } = new(SourceName);

    /// <summary>Listens until it is disposed.</summary>
    public static ActivityListener Listen(Action<Activity>? started = null, Action<Activity>? stopped = null)
    {
        string test = TestContext.Current.Test!.UniqueID;
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is ServiceMeter.Name or PipelineStage.SourceName or SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                TestContext.Current.Test?.UniqueID == test ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStarted = started,
            ActivityStopped = stopped,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
