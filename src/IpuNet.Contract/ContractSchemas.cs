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

    private static readonly string SubjectMember = NameOf(nameof(EnrolmentMessage.SubjectId)),
        ImagesMember = NameOf(nameof(EnrolmentMessage.Images)), ActionMember = NameOf(nameof(EnrolmentMessage.Action));

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

        if (node is not JsonObject schema)
            return node;
        if (context.PropertyInfo?.Name == SchemaMember)
            schema["const"] = JobMessage.CurrentSchema;
        else if (IsWhole(context.TypeInfo.Type))
            // Each is a count or a size.
            schema["minimum"] = 0;
        foreach (SchemaRuleAttribute rule in RulesOf(context.PropertyInfo))
            rule.AddTo(schema);
        if (context.TypeInfo.Type == typeof(EnrolmentMessage))
            schema["allOf"] = new JsonArray([.. Needs.Select(need => RuleOf(need.Key.Subject, need.Key.Images, need))]);
        return schema;
    }

    private static IEnumerable<SchemaRuleAttribute> RulesOf(JsonPropertyInfo? property) =>
        property?.AttributeProvider?.GetCustomAttributes(inherit: true).OfType<SchemaRuleAttribute>() ?? [];

    private static IEnumerable<IGrouping<(bool Subject, bool Images), EnrolmentAction>> Needs => Enum.GetValues<EnrolmentAction>()
        .GroupBy(action => (EnrolmentMessage.NeedsSubject(action), EnrolmentMessage.NeedsImages(action)));

    private static bool IsWhole(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is var plain && (plain == typeof(int) || plain == typeof(long));

    // What a message of these actions must have, and what it must not have.
    private static JsonObject RuleOf(bool needsSubject, bool needsImages, IEnumerable<EnrolmentAction> actions)
    {
        var subject = new JsonObject { [needsSubject ? "pattern" : "maxLength"] = needsSubject ? (JsonNode)SubjectId.SchemaPattern : 0 };
        var then = new JsonObject
        {
            ["properties"] = new JsonObject
            {
                [SubjectMember] = subject,
                [ImagesMember] = new JsonObject { [needsImages ? "minItems" : "maxItems"] = needsImages ? 1 : 0 },
            },
        };
        JsonNode[] required = [.. needsSubject ? [SubjectMember] : (JsonNode[])[], .. needsImages ? [ImagesMember] : (JsonNode[])[]];
        if (required.Length > 0)
            then["required"] = new JsonArray(required);
        return new JsonObject
        {
            ["if"] = new JsonObject
            {
                ["properties"] = new JsonObject
                {
                    [ActionMember] = new JsonObject { ["enum"] = JsonSerializer.SerializeToNode(actions) },
                },
            },
            ["then"] = then,
        };
    }

    private static string NameOf(string member) => JsonNamingPolicy.CamelCase.ConvertName(member);
}
