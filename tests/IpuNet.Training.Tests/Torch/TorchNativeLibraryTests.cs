using System.Runtime.InteropServices;
using IpuNet.Training.Torch;

namespace IpuNet.Training.Tests.Torch;

public class TorchNativeLibraryTests
{
    [Fact]
    public void LoadFromMemory_PatchedLibrary_LoadsWhateverTheSystemsLibstdcxx()
    {
        string shipped = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "Linux on x64 only.");
        // What it needs is loaded.
        _ = TorchSharp.torch.zeros(1);
        byte[] image = File.ReadAllBytes(shipped);
        ElfLibstdcxxPatch.Apply(image);

        nint library = TorchNativeLibrary.LoadFromMemory(image);

        NativeLibrary.TryGetExport(library, "THSTensor_zeros", out _).ShouldBeTrue();
    }

    [Fact]
    public void LoadFromMemory_NoLibrary_SaysSo() =>
        Should.Throw<DllNotFoundException>(
            () => TorchNativeLibrary.LoadFromMemory("not a library, but long enough to have the header of one, were it one"u8));
}
