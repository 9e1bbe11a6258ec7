using IpuNet.Faces.Privacy;
using Xunit.Sdk;
using Xunit.v3;

namespace IpuNet.Testing;

/// <summary>
/// Has Torch work on one thread, in a test program and in those that it starts. Test programs run side by side, and for tensors as small as those of
/// the tests a second thread costs as much processor time again.
/// </summary>
public sealed class OneTorchThread : ITestPipelineStartup
{
    public ValueTask StartAsync(IMessageSink diagnosticMessageSink)
    {
        ProcessPrivacy.SetForLibraries("OMP_NUM_THREADS", "1");
        return ValueTask.CompletedTask;
    }

    public ValueTask StopAsync() => ValueTask.CompletedTask;
}
