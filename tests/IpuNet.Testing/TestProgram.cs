using IpuNet.Faces.Privacy;
using Xunit.Sdk;
using Xunit.v3;

namespace IpuNet.Testing;

/// <summary>Has a test program, and what it starts, take less of the processors, which test programs share.</summary>
public sealed class TestProgram : ITestPipelineStartup
{
    public ValueTask StartAsync(IMessageSink diagnosticMessageSink)
    {
        // For tensors as small as those of the tests, a second thread costs as much processor time again.
        ProcessPrivacy.SetForLibraries("OMP_NUM_THREADS", "1");
        // The runtime compiles once more what is called often; a program that a test starts ends before that pays.
        Environment.SetEnvironmentVariable("DOTNET_TC_CallCountingDelayMs", "10000");
        // Likewise a heap for each processor makes the worker's start dearer, and what comes long after it cheaper.
        Environment.SetEnvironmentVariable("DOTNET_gcServer", "0");
        return ValueTask.CompletedTask;
    }

    public ValueTask StopAsync() => ValueTask.CompletedTask;
}
