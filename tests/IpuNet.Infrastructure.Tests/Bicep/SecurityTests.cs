using System.Text.Json.Nodes;

namespace IpuNet.Infrastructure.Tests.Bicep;

public sealed class SecurityTests
{
    private static readonly string[] TlsVersions = ["TLS1_2", "TLS1_3", "1.2", "1.3"];

    public static TheoryData<string, string> TlsSettings() => new()
    {
        { "Microsoft.Storage/storageAccounts", "minimumTlsVersion" },
        { "Microsoft.Web/sites", "siteConfig.minTlsVersion" },
        { "Microsoft.Web/sites", "siteConfig.scmMinTlsVersion" },
        { "Microsoft.EventGrid/systemTopics/eventSubscriptions", "destination.properties.minimumTlsVersionAllowed" },
    };

    public static TheoryData<string, string, string> Switches() => new()
    {
        { "Microsoft.Storage/storageAccounts", "allowSharedKeyAccess", "false" },
        { "Microsoft.Storage/storageAccounts", "allowBlobPublicAccess", "false" },
        { "Microsoft.Storage/storageAccounts", "supportsHttpsTrafficOnly", "true" },
        { "Microsoft.Storage/storageAccounts/blobServices/containers", "publicAccess", "None" },
        { "Microsoft.ContainerRegistry/registries", "adminUserEnabled", "false" },
        { "Microsoft.ContainerRegistry/registries", "anonymousPullEnabled", "false" },
        { "Microsoft.Web/sites", "httpsOnly", "true" },
        { "Microsoft.Web/sites/basicPublishingCredentialsPolicies", "allow", "false" },
        { "Microsoft.OperationalInsights/workspaces", "features.disableLocalAuth", "true" },
        { "Microsoft.Insights/components", "DisableLocalAuth", "true" },
        // Earlier versions and soft-deleted blobs would keep the faces of a deleted subject.
        { "Microsoft.Storage/storageAccounts/blobServices", "isVersioningEnabled", "false" },
        { "Microsoft.Storage/storageAccounts/blobServices", "deleteRetentionPolicy.enabled", "false" },
        { "Microsoft.Storage/storageAccounts/blobServices", "changeFeed.enabled", "false" },
    };

    [Fact]
    public async Task Templates_AskForNoKey()
    {
        foreach (JsonObject template in await AllAsync())
        {
            string text = template.ToJsonString();
            text.ShouldNotContain("listKeys", Case.Insensitive);
            text.ShouldNotContain("listAccountSas", Case.Insensitive);
            text.ShouldNotContain("listServiceSas", Case.Insensitive);
            text.ShouldNotContain("AccountKey", Case.Insensitive);
            text.ShouldNotContain("SharedAccess", Case.Insensitive);
        }
    }

    [Theory]
    [MemberData(nameof(Switches))]
    public async Task Resources_OfAType_HaveTheSwitch(string type, string property, string value)
    {
        foreach (TemplateResource resource in await OfTypeAsync(type))
            resource.Property(property)?.ToJsonString().Trim('"').ShouldBe(value, $"{type}: {property}");
        (await OfTypeAsync(type)).ShouldAllBe(resource => resource.Property(property) != null, $"{type}: {property}");
    }

    [Theory]
    [MemberData(nameof(TlsSettings))]
    public async Task Resources_ThatAreReached_AskForTls12(string type, string property)
    {
        foreach (TemplateResource resource in await OfTypeAsync(type))
            resource.Property(property)?.GetValue<string>().ShouldBeOneOf(TlsVersions);
        (await OfTypeAsync(type)).ShouldAllBe(resource => resource.Property(property) != null, $"{type}: {property}");
    }

    [Fact]
    public async Task Template_HasNoResource_ThatNobodyThoughtOf() =>
        (await AllAsync()).SelectMany(Template.Resources).Select(resource => resource.Type).Distinct()
        .Order(StringComparer.Ordinal).ShouldBe(
        [
            "Microsoft.App/containerApps",
            "Microsoft.App/jobs",
            "Microsoft.App/managedEnvironments",
            "Microsoft.Authorization/roleAssignments",
            "Microsoft.ContainerRegistry/registries",
            "Microsoft.EventGrid/systemTopics",
            "Microsoft.EventGrid/systemTopics/eventSubscriptions",
            "Microsoft.Insights/actionGroups",
            "Microsoft.Insights/components",
            "Microsoft.Insights/diagnosticSettings",
            "Microsoft.Insights/metricAlerts",
            "Microsoft.Insights/scheduledQueryRules",
            "Microsoft.ManagedIdentity/userAssignedIdentities",
            "Microsoft.Network/privateDnsZones",
            "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
            "Microsoft.Network/privateEndpoints",
            "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
            "Microsoft.Network/virtualNetworks",
            "Microsoft.OperationalInsights/workspaces",
            "Microsoft.Resources/resourceGroups",
            "Microsoft.Storage/storageAccounts",
            "Microsoft.Storage/storageAccounts/blobServices",
            "Microsoft.Storage/storageAccounts/blobServices/containers",
            "Microsoft.Storage/storageAccounts/managementPolicies",
            "Microsoft.Storage/storageAccounts/queueServices",
            "Microsoft.Storage/storageAccounts/queueServices/queues",
            "Microsoft.Web/serverfarms",
            "Microsoft.Web/sites",
            "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
            "Microsoft.Web/sites/config",
        ]);

    private static async Task<JsonObject[]> AllAsync() => [await BicepCompiler.MainAsync(), await BicepCompiler.SubscriptionAsync()];

    private static async Task<TemplateResource[]> OfTypeAsync(string type)
    {
        TemplateResource[] resources = [.. (await AllAsync()).SelectMany(Template.Resources).Where(resource => resource.Type == type)];
        resources.ShouldNotBeEmpty();
        return resources;
    }
}
