using System.Text.Json.Nodes;

namespace IpuNet.Contract;

/// <summary>A rule for a value that its type does not express. <see cref="ContractSchemas"/> adds it to the schema of the value.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal abstract class SchemaRuleAttribute : Attribute
{
    /// <summary>Adds the rule to the schema of the value.</summary>
    public abstract void AddTo(JsonObject schema);
}

/// <summary>A number that is not negative.</summary>
internal sealed class NotNegativeAttribute : SchemaRuleAttribute
{
    public override void AddTo(JsonObject schema) => schema["minimum"] = 0;
}

/// <summary>A number between two others, or equal to one of them.</summary>
internal sealed class BetweenAttribute(int least, int most) : SchemaRuleAttribute
{
    public override void AddTo(JsonObject schema) => (schema["minimum"], schema["maximum"]) = (least, most);
}

/// <summary>A list with a maximum length.</summary>
internal sealed class AtMostAttribute(int items) : SchemaRuleAttribute
{
    public override void AddTo(JsonObject schema) => schema["maxItems"] = items;
}

/// <summary>A text of a form.</summary>
/// <param name="pattern">A regular expression of ECMAScript, for the whole text.</param>
internal abstract class FormAttribute(string pattern) : SchemaRuleAttribute
{
    public override void AddTo(JsonObject schema) => schema["pattern"] = pattern;
}

/// <summary>The name of a batch, or the id of a job.</summary>
internal sealed class BatchIdAttribute() : FormAttribute(BatchId.SchemaPattern);

/// <summary>The name of a gallery.</summary>
internal sealed class GalleryNameAttribute() : FormAttribute(GalleryName.SchemaPattern);

/// <summary>The id of a subject.</summary>
internal sealed class SubjectIdAttribute() : FormAttribute(SubjectId.SchemaPattern);

/// <summary>The name of an experiment.</summary>
internal sealed class ExperimentNameAttribute() : FormAttribute(ExperimentName.SchemaPattern);

/// <summary>The reference to a stored message.</summary>
internal sealed class StoredMessageAttribute() : FormAttribute(MessageReference.SchemaPattern);

/// <summary>One of several words.</summary>
internal abstract class WordAttribute(IEnumerable<string> words) : SchemaRuleAttribute
{
    public override void AddTo(JsonObject schema)
    {
        schema.Remove("type");
        schema["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]);
    }
}

/// <summary>The name of a resolution band.</summary>
internal sealed class BandNameAttribute() : WordAttribute(BandName.All);

/// <summary>The decision about a face.</summary>
internal sealed class FaceDecisionAttribute() : WordAttribute([FaceDecision.Known, FaceDecision.Unknown]);
