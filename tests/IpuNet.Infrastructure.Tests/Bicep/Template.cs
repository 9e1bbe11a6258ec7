using System.Text.Json.Nodes;

namespace IpuNet.Infrastructure.Tests.Bicep;

/// <summary>A resource, and the template that contains it.</summary>
internal sealed record TemplateResource(string Type, JsonObject Resource, JsonObject Template)
{
    /// <summary>The value at a path in the resource's properties, such as "networkAcls.bypass"; null if there is none.</summary>
    public JsonNode? Property(string path) => ValueAt(Resource["properties"], path);

    private static JsonNode? ValueAt(JsonNode? node, string path) =>
        path.Split('.').Aggregate(node, (at, name) => (at as JsonObject)?[name]);
}

/// <summary>Reads compiled templates.</summary>
internal static class Template
{
    private const string Deployment = "Microsoft.Resources/deployments";

    /// <summary>All resources of a template and its modules, except existing ones that are only referenced.</summary>
    public static IEnumerable<TemplateResource> Resources(JsonObject template)
    {
        IEnumerable<JsonObject> own = template["resources"] switch
        {
            JsonObject named => named.Select(pair => pair.Value!.AsObject()),
            JsonArray list => list.Select(item => item!.AsObject()),
            _ => [],
        };
        foreach (JsonObject resource in own.Where(resource => resource["existing"]?.GetValue<bool>() != true))
        {
            string type = resource["type"]!.GetValue<string>();
            if (type != Deployment)
                yield return new TemplateResource(type, resource, template);
            else
                foreach (TemplateResource inner in Resources(resource["properties"]!["template"]!.AsObject()))
                    yield return inner;
        }
    }

    /// <summary>The parameters of a module's deployment.</summary>
    public static JsonObject Parameters(JsonObject template, string module) =>
        template["resources"]![module]!["properties"]!["parameters"]!.AsObject();

    /// <summary>The value of a variable that is a list of strings.</summary>
    public static IReadOnlyList<string> Texts(JsonObject template, string variable) =>
        [.. template["variables"]![variable]!.AsArray().Select(item => item!.GetValue<string>())];
}
