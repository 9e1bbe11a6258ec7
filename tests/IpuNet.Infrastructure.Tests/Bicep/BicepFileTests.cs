using System.Text.RegularExpressions;

namespace IpuNet.Infrastructure.Tests.Bicep;

public sealed partial class BicepFileTests
{
    public static TheoryData<string> Deployed() => ["infra/main.bicep", "infra/events/subscription.bicep"];

    [Theory]
    [MemberData(nameof(Deployed))]
    public async Task Build_WhatIsDeployed_HasNoWarning(string file)
    {
        var (output, complaints) = await BicepCompiler.BuildAsync(file);

        complaints.ShouldBeEmpty();
        output.ShouldStartWith("{");
    }

    [Fact]
    public void Files_AreAllDeployed()
    {
        string infra = Repository.PathOf("infra");
        IEnumerable<string> used = Deployed().SelectMany(file => Modules(Repository.PathOf(file.Data))).Distinct();

        used.ShouldBe(Directory.EnumerateFiles(infra, "*.bicep", SearchOption.AllDirectories), ignoreOrder: true);
    }

    private static IEnumerable<string> Modules(string file) => ModulePath().Matches(File.ReadAllText(file))
        .SelectMany(module => Modules(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, module.Groups[1].Value))))
        .Prepend(file);

    [GeneratedRegex(@"^module \w+ '([^']+)'", RegexOptions.Multiline)]
    private static partial Regex ModulePath();
}
