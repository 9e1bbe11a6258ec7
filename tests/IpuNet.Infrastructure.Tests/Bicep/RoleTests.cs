using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IpuNet.Infrastructure.Tests.Bicep;

public sealed partial class RoleTests
{
    // Azure's built-in roles. Their ids are the same everywhere.
    private static readonly Dictionary<string, string> BuiltIn = new()
    {
        ["AcrPull"] = "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        ["Monitoring Metrics Publisher"] = "3913510d-42f4-4e42-8a64-420c390055eb",
        ["Storage Blob Data Contributor"] = "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        ["Storage Blob Data Owner"] = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        ["Storage Blob Data Reader"] = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        ["Storage Queue Data Contributor"] = "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
        ["Storage Queue Data Reader"] = "19e7f393-937e-4f77-808e-94535e297925",
    };

    // For each list of grants, the name of its target in the documentation, and its scope in the template.
    private static readonly Dictionary<string, (string On, string Scope)> Lists = new()
    {
        ["onContainers"] = (
            "container {0}",
            "'Microsoft.Storage/storageAccounts/blobServices/containers', parameters('dataAccountName'), 'default', "
            + "variables('onContainers')"),
        ["onQueues"] = (
            "queue {0}",
            "'Microsoft.Storage/storageAccounts/queueServices/queues', parameters('dataAccountName'), 'default', variables('onQueues')"),
        ["onDataAccount"] = ("data account", "'Microsoft.Storage/storageAccounts', parameters('dataAccountName')"),
        ["onHostAccount"] = ("host account", "'Microsoft.Storage/storageAccounts', parameters('hostAccountName')"),
        ["onUndeliveredEvents"] = (
            "host account, container undelivered-events",
            "'Microsoft.Storage/storageAccounts/blobServices/containers', parameters('hostAccountName'), 'default', 'undelivered-events'"),
        ["onRegistry"] = ("registry", "'Microsoft.ContainerRegistry/registries', parameters('registryName')"),
        ["onInsights"] = ("Application Insights", "'Microsoft.Insights/components', parameters('insightsName')"),
    };

    [Fact]
    public async Task Assignments_AreThoseOfTheTableInTheDocumentation()
    {
        string[] granted = [.. (await AssignmentsAsync()).SelectMany(Grants)];
        string[] documented =
        [
            .. Rows().Matches(Repository.Read("docs/azure.md"))
                .Select(row => $"{row.Groups[1].Value} | {row.Groups[2].Value} | {row.Groups[3].Value}"),
        ];

        documented.ShouldNotBeEmpty();
        granted.ShouldBe(documented, ignoreOrder: true);
    }

    [Fact]
    public async Task RoleIds_AreThoseOfAzure()
    {
        TemplateResource any = (await AssignmentsAsync())[0];

        any.Template["variables"]!["roleIds"]!.AsObject().ToDictionary(
            role => role.Key, role => role.Value!.GetValue<string>()).ShouldBe(BuiltIn, ignoreOrder: true);
    }

    private static async Task<TemplateResource[]> AssignmentsAsync() =>
    [
        .. Template.Resources(await BicepCompiler.MainAsync())
            .Where(resource => resource.Type == "Microsoft.Authorization/roleAssignments"),
    ];

    private static IEnumerable<string> Grants(TemplateResource assignment)
    {
        string list = ListName().Match(assignment.Resource["copy"]!["count"]!.GetValue<string>()).Groups[1].Value;
        Lists.ShouldContainKey(list);
        var (on, scope) = Lists[list];
        assignment.Resource["scope"]!.GetValue<string>().ShouldContain($"resourceId({scope}");
        assignment.Property("principalId")!.GetValue<string>().ShouldBe(
            $"[parameters('principals')[variables('{list}')[copyIndex()].who]]");
        assignment.Property("roleDefinitionId")!.GetValue<string>()
            .ShouldBe(
                "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', "
                + $"variables('roleIds')[variables('{list}')[copyIndex()].role])]");
        foreach (JsonNode? grant in assignment.Template["variables"]![list]!.AsArray())
            yield return $"{grant!["who"]} | {string.Format(null, on, grant["name"])} | {grant["role"]}";
    }

    [GeneratedRegex(@"^\[length\(variables\('(\w+)'\)\)\]$")]
    private static partial Regex ListName();

    [GeneratedRegex(@"^\| (functions|worker|trainer|events|user) \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
