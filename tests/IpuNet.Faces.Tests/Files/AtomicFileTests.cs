using IpuNet.Faces.Files;

namespace IpuNet.Faces.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-whole-").FullName;

    private string File1 => Path.Combine(_folder, "a", "1.bin");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_OverAFile_ReplacesItAndLeavesNothingAside(bool durable)
    {
        AtomicFile.Write(File1, [1, 2, 3], durable);

        AtomicFile.Write(File1, [4], durable);

        Content().ShouldBe([4]);
    }

    [Fact]
    public async Task WriteAsync_OverAFile_ReplacesItAndLeavesNothingAside()
    {
        await AtomicFile.WriteAsync(File1, [1, 2, 3], durable: true, Cancellation);

        await AtomicFile.WriteAsync(File1, [4], durable: false, Cancellation);

        Content().ShouldBe([4]);
    }

    [Fact]
    public async Task Write_OfAFile_MakesItAndItsFolderTheUsersAlone()
    {
        if (OperatingSystem.IsWindows())
            return;
        const UnixFileMode file = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        string second = Path.Combine(_folder, "b", "2.bin");

        AtomicFile.Write(File1, [1], durable: false);
        await AtomicFile.WriteAsync(second, [1], durable: false, Cancellation);

        foreach (string path in (string[])[File1, second])
        {
            File.GetUnixFileMode(path).ShouldBe(file);
            File.GetUnixFileMode(Path.GetDirectoryName(path)!).ShouldBe(file | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void Write_ThatFails_KeepsWhatWasThereAndLeavesNothingAside()
    {
        AtomicFile.Write(File1, [1], durable: false);

        Should.Throw<FormatException>(() => AtomicFile.Write(File1, Fail, durable: false)).Message.ShouldBe("broken");

        Content().ShouldBe([1]);

        static void Fail(FileStream file)
        {
            file.Write([2, 3]);
            throw new FormatException("broken");
        }
    }

    [Fact]
    public async Task WriteAsync_ThatIsGivenUp_KeepsWhatWasThereAndLeavesNothingAside()
    {
        using var stop = new CancellationTokenSource();
        AtomicFile.Write(File1, [1], durable: false);

        await Should.ThrowAsync<OperationCanceledException>(() => AtomicFile.WriteAsync(
            File1,
            async file =>
            {
                await file.WriteAsync((byte[])[2, 3], stop.Token);
                await stop.CancelAsync();
                await file.WriteAsync((byte[])[4], stop.Token);
            },
            durable: true));

        Content().ShouldBe([1]);
    }

    [Fact]
    public async Task WriteAsync_WhileItIsRead_ShowsNoHalf()
    {
        await AtomicFile.WriteAsync(
            File1,
            async file =>
            {
                await file.WriteAsync((byte[])[1, 2, 3], Cancellation);
                await file.FlushAsync(Cancellation);
                File.Exists(File1).ShouldBeFalse();
                file.Position = 0;
                (await file.ReadAsync(new byte[9], Cancellation)).ShouldBe(3);
            },
            durable: false);

        Content().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task WriteAsync_BySeveralAtOnce_LeavesTheContentOfOne()
    {
        const int writers = 16, length = 100_000;

        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer =>
            Task.Run(() => AtomicFile.WriteAsync(File1, [.. Enumerable.Repeat((byte)writer, length)], durable: false, Cancellation))));

        byte[] content = Content();
        content.Length.ShouldBe(length);
        content.Distinct().ShouldHaveSingleItem();
    }

    // Also checks that the folder has no other file.
    private byte[] Content()
    {
        Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).ShouldBe([File1]);
        return File.ReadAllBytes(File1);
    }
}
