using System.Collections.Concurrent;
using System.Text.Json;
using IpuNet.Contract;
using Json.Schema;

namespace IpuNet.Infrastructure.Tests.Contract;

/// <summary>Judges JSON by the published schemas, as another program would.</summary>
internal static class PublishedSchema
{
    private static readonly EvaluationOptions Options = new() { RequireFormatValidation = true };
    private static readonly ConcurrentDictionary<string, JsonSchema> Schemas = new();

    /// <param name="name">The schema's name, such as "image-answer".</param>
    /// <param name="json">The JSON.</param>
    public static bool Accepts(string name, string json)
    {
        JsonSchema schema = Schemas.GetOrAdd(name, static of => JsonSchema.FromText(ContractSchemas.All[of]));
        using JsonDocument document = JsonDocument.Parse(json);
        return schema.Evaluate(document.RootElement, Options).IsValid;
    }
}
