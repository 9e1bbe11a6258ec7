using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IpuNet.Contract;

namespace IpuNet.Infrastructure.Tests.Contract;

/// <summary>Checks docs/contract.md and docs/schemas against the types.</summary>
public sealed class ContractSchemaTests
{
    private static readonly string Folder = Repository.PathOf("docs/schemas");

    public static TheoryData<string> Names => [.. ContractSchemas.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Schema_OfADocument_IsThatOfItsType(string name) =>
        File.ReadAllText(Path.Combine(
            Folder, $"{name}.json")).ShouldBe(ContractSchemas.All[name], "Write them anew: -explicit only -method '*WriteSchemas*'");

    [Fact]
    public void Folder_OfSchemas_HasNoOthers() =>
        Directory.GetFiles(Folder).Select(Path.GetFileNameWithoutExtension).ShouldBe(ContractSchemas.All.Keys, ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void Page_NamesEachMember(string name)
    {
        string page = File.ReadAllText(Repository.PathOf("docs/contract.md"));
        if (name != "message-reference")
            page.ShouldContain($"(schemas/{name}.json)");

        string[] unnamed =
        [
            .. MembersOf(JsonNode.Parse(ContractSchemas.All[name])).Where(member => !Regex.IsMatch(page, $"[`\"]{member}[`\"]")),
        ];
        unnamed.ShouldBeEmpty();
    }

    /// <summary>The names of a schema's members, including the members of inner objects.</summary>
    internal static IEnumerable<string> MembersOf(JsonNode? schema) => schema switch
    {
        JsonObject of => of.SelectMany(part => part is { Key: "properties", Value: JsonObject members }
            ? members.SelectMany(member => MembersOf(member.Value).Prepend(member.Key))
            : MembersOf(part.Value)),
        JsonArray of => of.SelectMany(MembersOf),
        _ => [],
    };

    [Fact(Explicit = true)]
    public void WriteSchemas()
    {
        Directory.CreateDirectory(Folder);
        foreach ((string name, string schema) in ContractSchemas.All)
            File.WriteAllText(Path.Combine(Folder, $"{name}.json"), schema);
    }
}
