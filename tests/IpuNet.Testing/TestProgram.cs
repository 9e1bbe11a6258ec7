using IpuNet.Faces.Privacy;
using Xunit.Sdk;
using Xunit.v3;

namespace IpuNet.Testing;

/// <summary>Makes a test program and its child processes use less processor time, because test programs share the processors.</summary>
public sealed class TestProgram : ITestPipelineStartup
{
    public ValueTask StartAsync(IMessageSink diagnosticMessageSink)
    {
        // For small tensors, a second thread doubles the processor time.
        ProcessPrivacy.SetForLibraries("OMP_NUM_THREADS", "1");
        // By default the runtime compiles hot methods again. A program that a test starts ends before that pays.
        Environment.SetEnvironmentVariable("DOTNET_TC_CallCountingDelayMs", "10000");
        // A heap for each processor makes the start of a worker slower, and pays only much later.
        Environment.SetEnvironmentVariable("DOTNET_gcServer", "0");
        return ValueTask.CompletedTask;
    }

    public ValueTask StopAsync() => ValueTask.CompletedTask;
}
