using IpuNet.Faces.Models;

namespace IpuNet.Faces.Tests.Models;

public sealed class CudaProviderTests
{
    [Fact]
    public void Options_ByDefault_AreForFewShapesAndAQuickStart()
    {
        Dictionary<string, string> options = CudaProvider.Options(new InferenceSettings { Device = InferenceSettings.Cuda });

        options.ShouldBe(
            new Dictionary<string, string>
            {
                ["device_id"] = "0",
                ["arena_extend_strategy"] = "kSameAsRequested",
                ["cudnn_conv_algo_search"] = "HEURISTIC",
                ["cudnn_conv_use_max_workspace"] = "1",
                ["do_copy_in_default_stream"] = "1",
            },
            ignoreOrder: true);
    }

    [Fact]
    public void Options_WithADeviceAndALimit_NameThem()
    {
        Dictionary<string, string> options = CudaProvider.Options(
            new InferenceSettings { Device = InferenceSettings.Cuda, GpuDevice = 1, GpuMemoryLimit = 4L << 30 });

        options["device_id"].ShouldBe("1");
        options["gpu_mem_limit"].ShouldBe("4294967296");
    }

    [Theory]
    [InlineData(1, 16, 1)]
    [InlineData(3, 16, 4)]
    [InlineData(9, 16, 16)]
    [InlineData(16, 16, 16)]
    [InlineData(9, 12, 12)]
    [InlineData(1, 1, 1)]
    public void RoundUp_OfABatch_IsThePowerOfTwoThatThereIsRoomFor(int count, int room, int expected) =>
        BatchShapes.RoundUp(count, room).ShouldBe(expected);

    [Fact]
    public void Describe_OfTheProcessor_NamesItsThreads() =>
        ModelDevice.Describe(
            new InferenceSettings { Threads = 3, BatchSize = 8 }).ShouldStartWith("cpu, 3 threads, batches of 8, ONNX Runtime 1.");

    [Fact]
    public void Describe_OfAGpu_NamesItsLimit()
    {
        string text = ModelDevice.Describe(
            new InferenceSettings { Device = InferenceSettings.Cuda, GpuDevice = 1, GpuMemoryLimit = 2L << 30 });

        text.ShouldStartWith("cuda 1");
        text.ShouldContain("at most 2,048 MiB");
    }
}
