using System.Text.Json.Nodes;

namespace IpuNet.Infrastructure.Tests.Bicep;

/// <summary>A resource of a template, and the template that it stands in.</summary>
internal sealed record TemplateResource(string Type, JsonObject Resource, JsonObject Template)
{
    /// <summary>A value within its properties, such as "networkAcls.bypass"; null where there is none.</summary>
    public JsonNode? Property(string path) => ValueAt(Resource["properties"], path);

    private static JsonNode? ValueAt(JsonNode? node, string path) => path.Split('.').Aggregate(node, (at, name) => (at as JsonObject)?[name]);
}

/// <summary>Reads compiled templates.</summary>
internal static class Template
{
    private const string Deployment = "Microsoft.Resources/deployments";

    /// <summary>All resources, those of modules too, without those that are only looked up.</summary>
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

    /// <summary>The parameters that a module is given.</summary>
    public static JsonObject Parameters(JsonObject template, string module) =>
        template["resources"]![module]!["properties"]!["parameters"]!.AsObject();

    /// <summary>A variable that is a list of texts.</summary>
    public static IReadOnlyList<string> Texts(JsonObject template, string variable) =>
        [.. template["variables"]![variable]!.AsArray().Select(item => item!.GetValue<string>())];
}
