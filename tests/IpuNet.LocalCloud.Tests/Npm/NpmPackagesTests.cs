using IpuNet.LocalCloud.Npm;

namespace IpuNet.LocalCloud.Tests.Npm;

public sealed class NpmPackagesTests : IDisposable
{
    private const string Manifest = """{"private":true,"dependencies":{"@vladmandic/face-api":"1.7.15"}}""";

    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task InstallOnceAsync_AskedBySeveralAtOnce_InstallsOnce()
    {
        await FetchedFaceApi.Package.PathAsync();
        int installs = 0;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () => NpmPackages.InstallOnceAsync(_folder["new"], Manifest, () => Interlocked.Increment(ref installs), Cancellation))));

        installs.ShouldBe(1);
        File.Exists(_folder["new/node_modules/@vladmandic/face-api/demo/sample1.jpg"]).ShouldBeTrue();
    }

    [Fact]
    public async Task InstallOnceAsync_WhereNpmHasInstalledIt_FetchesNothing()
    {
        WriteRecord("1.7.15");

        await NpmPackages.InstallOnceAsync(_folder["."], Manifest, () => throw new InvalidOperationException("It fetches."), Cancellation);
    }

    [Theory]
    [InlineData("1.7.14")]
    [InlineData(null)]
    public async Task InstallOnceAsync_WhereAnotherVersionOrNoneIsInstalled_Fetches(string? version)
    {
        WriteRecord(version);

        (await Should.ThrowAsync<InvalidOperationException>(() =>
            NpmPackages.InstallOnceAsync(_folder["."], Manifest, () => throw new InvalidOperationException("It fetches."), Cancellation)))
            .Message.ShouldBe("It fetches.");
    }

    private void WriteRecord(string? version) => _folder.Write(
        "node_modules/.package-lock.json",
        version is null
            ? """{"packages":{}}"""
            : $$"""{ "packages": { "node_modules/@vladmandic/face-api": { "version": "{{version}}" } } }""");
}
