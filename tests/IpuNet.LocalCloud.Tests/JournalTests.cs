using IpuNet.LocalCloud.Npm;

namespace IpuNet.LocalCloud.Tests;

public sealed class JournalTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Journal_OfADatabaseThatIsKilledAtAnyMoment_HasAllOfItsChanges()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string script = await AzuriteFixture.Package.PathAsync();

        string check = Path.Combine(AppContext.BaseDirectory, "journal-check.mjs");

        string output = await ProcessRun.RequireAsync(
            "node",
            [check, script, _folder.Folder("databases"), $"{Random.Shared.Next()}"],
            _folder.Folder("work"),
            NpmPackages.NodeRemedy,
            cancellation);

        output.ShouldContain("kills");
    }
}
