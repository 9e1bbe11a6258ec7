using System.Runtime.InteropServices;
using IpuNet.Training.Torch;

namespace IpuNet.Training.Tests.Torch;

public sealed class TorchNativeLibraryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-native-").FullName;

    [Fact]
    public void WritePatchedCopy_ShippedLibrary_LoadsWhateverTheSystemsLibstdcxx()
    {
        string shipped = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "Linux on x64 only.");

        string? copy = TorchNativeLibrary.WritePatchedCopy(shipped, _folder);

        copy.ShouldNotBeNull();
        NativeLibrary.TryLoad(copy, out _).ShouldBeTrue();
        TorchNativeLibrary.WritePatchedCopy(shipped, _folder).ShouldBe(copy);
        Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Count().ShouldBe(1);
    }

    [Fact]
    public void WritePatchedCopy_OtherFile_WritesNothing()
    {
        string file = Path.Combine(_folder, "text.so");
        File.WriteAllText(file, "not a library, but long enough to have the header of one, were it one");

        TorchNativeLibrary.WritePatchedCopy(file, _folder).ShouldBeNull();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
