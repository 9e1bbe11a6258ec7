using System.Diagnostics;
using IpuNet.Faces.Telemetry;
using IpuNet.Service.Telemetry;

namespace IpuNet.Service.Tests.Telemetry;

/// <summary>
/// Listens to the traces of the product and of the test itself. Listeners belong to the process, and messages carry the trace of their
/// sender. This one listens only to its own test and creates no traces for tests that run beside it.
/// </summary>
internal static class TestTraces
{
    private const string SourceName = "IpuNet.Service.Tests";

    /// <summary>The source of the traces that tests start.</summary>
    public static ActivitySource Source { get; } = new(SourceName);

    /// <summary>Listens until it is disposed of.</summary>
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
