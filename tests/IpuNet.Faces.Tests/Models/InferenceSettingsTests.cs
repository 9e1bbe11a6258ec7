using IpuNet.Faces.Models;

namespace IpuNet.Faces.Tests.Models;

public class InferenceSettingsTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 1)]
    [InlineData(4, 4, 1)]
    [InlineData(6, 4, 1)]
    [InlineData(16, 4, 4)]
    public void Divided_SomeThreads_GivesPartsThatShareThem(int threads, int parts, int threadsOfEach)
    {
        InferenceSettings divided = new InferenceSettings { Threads = threads }.Divided();

        (divided.PartsAtOnce, divided.Threads).ShouldBe((parts, threadsOfEach));
    }

    [Fact]
    public void Divided_NoThreadsSaid_UsesEveryProcessorAtMostOnce()
    {
        InferenceSettings divided = InferenceSettings.Default.Divided();

        divided.Threads.ShouldBePositive();
        (divided.PartsAtOnce * divided.Threads).ShouldBeInRange(1, Environment.ProcessorCount);
    }

    [Fact]
    public void Divided_Gpu_IsAsItWas()
    {
        var settings = new InferenceSettings { Device = InferenceSettings.Cuda, Threads = 4 };

        settings.Divided().ShouldBe(settings);
    }
}
