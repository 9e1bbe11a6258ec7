using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace IpuNet.Contract;

/// <summary>
/// The JSON Schemas (draft 2020-12) of all documents that other programs write or read. They are generated from the types.
/// </summary>
public static class ContractSchemas
{
    private const string SchemaMember = "schema";

    private static readonly JsonSchemaExporterOptions Exporter = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Transform,
    };

    private static readonly JsonSerializerOptions Written =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schemas by name, such as "image-answer". Each is indented JSON that ends with a line break.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["face-batch-message"] = SchemaOf("Images to be recognised", JobMessageJson.Default.FaceBatchMessage),
        ["enrolment-message"] = SchemaOf("A change of a gallery", JobMessageJson.Default.EnrolmentMessage),
        ["retraining-message"] = SchemaOf("A retraining job", JobMessageJson.Default.RetrainingMessage),
        ["message-reference"] = SchemaOf("A reference to a message too large for a queue", JobMessageJson.Default.MessageReference),
        ["image-answer"] = SchemaOf("The result of an image", AnswerJson.Default.ImageAnswer),
        ["archive-answer"] = SchemaOf("The result of an archive", ArchiveJson.Default.ArchiveAnswer),
        ["batch-summary"] = SchemaOf("The summary of a batch", SummaryJson.Default.BatchSummary),
        ["enrolment-answer"] = SchemaOf("The answer to a change of a gallery", EnrolmentJson.Default.EnrolmentAnswer),
        ["retraining-answer"] = SchemaOf("The answer to a retraining job", RetrainingJson.Default.RetrainingAnswer),
        ["poison-entry"] = SchemaOf("The poison entry of a message that cannot be handled", PoisonJson.Default.PoisonEntry),
    };

    private static string SchemaOf(string title, JsonTypeInfo type)
    {
        var schema = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = title };
        foreach (var (name, value) in type.GetJsonSchemaAsNode(Exporter).AsObject().ToArray())
            schema[name] = value?.DeepClone();
        return schema.ToJsonString(Written) + "\n";
    }

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        // A custom converter writes this type, so the exporter cannot derive its schema.
        if (context.TypeInfo.Type == typeof(FaceBox))
        {
            return new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject { ["type"] = "number" },
                ["minItems"] = 4,
                ["maxItems"] = 4,
            };
        }

        if (context.PropertyInfo?.Name == SchemaMember && node is JsonObject member)
            member["const"] = JobMessage.CurrentSchema;
        return node;
    }
}
