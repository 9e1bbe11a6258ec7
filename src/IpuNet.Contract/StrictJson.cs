using System.Buffers;
using System.Collections;
using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace IpuNet.Contract;

/// <summary>
/// The rules for all JSON that comes from outside: messages, manifests, records, stored answers, reports, experiments.
/// </summary>
/// <remarks>
/// The reader refuses: a name that occurs twice in an object; a name in the wrong case (Gallery for gallery); comments, except in
/// experiments; a comma after the last item; a number as a string, or a string as a number; NaN and numbers too large for their type; an
/// enumeration value as a number or in the wrong case; null for a value that is required, also inside a list; a missing member that has no
/// default; more than <see cref="MaxDepth"/> levels. It ignores unknown members, because a later version may write more. Experiments are
/// written by people: they may have comments, and unknown members are refused.
/// </remarks>
public static partial class StrictJson
{
    /// <summary>The maximum depth of nested objects and lists.</summary>
    public const int MaxDepth = 32;

    // The library's messages state the position after one of these texts.
    private static readonly SearchValues<string> Places = SearchValues.Create([" Path: ", " LineNumber: "], StringComparison.Ordinal);

    private static readonly ConcurrentDictionary<JsonSerializerOptions, JsonSerializerOptions> Strict =
        new(ReferenceEqualityComparer.Instance);

    private static readonly ConcurrentDictionary<JsonSerializerOptions, JsonSerializerOptions> Readable =
        new(ReferenceEqualityComparer.Instance);

    /// <summary>The same rules for a document that is read piece by piece.</summary>
    public static JsonDocumentOptions Document { get; } = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Writes JSON that people can read: only characters that JSON requires to be escaped are escaped.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">The type's JSON contract.</param>
    /// <returns>UTF-8. Do not embed it in a page: '&lt;' is not escaped.</returns>
    public static byte[] Write<T>(T value, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        JsonSerializerOptions readable = Readable.GetOrAdd(
            type.Options, static options => new JsonSerializerOptions(options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        return JsonSerializer.SerializeToUtf8Bytes(value, (JsonTypeInfo<T>)readable.GetTypeInfo(typeof(T)));
    }

    /// <summary>Reads a value.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="type">The type's JSON contract. Its naming policy and its rule for unknown members apply.</param>
    /// <returns>Null if the JSON is null.</returns>
    /// <exception cref="JsonException">The JSON breaks a rule. The message says where.</exception>
    /// <exception cref="FaceDataException">A value is not allowed.</exception>
    public static T? Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Read(
            json, type.Options,
            static (bytes, options) => JsonSerializer.Deserialize(bytes, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T))));
    }

    /// <summary>Reads a document that must be there and whole.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="type">The type's JSON contract.</param>
    /// <param name="refusal">What the document is not, with its name: "x.json is not a valid answer".</param>
    /// <param name="remedy">The way out: a sentence.</param>
    /// <exception cref="FaceDataException">The JSON is null, breaks a rule, or has a value that is not allowed.</exception>
    public static T Require<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string refusal, string remedy)
        where T : class
    {
        try
        {
            return Read(json, type) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new FaceDataException($"{refusal}: {error.Message} {remedy}", error);
        }
    }

    /// <inheritdoc cref="Read{T}(ReadOnlySpan{byte}, JsonTypeInfo{T})"/>
    /// <param name="json">UTF-8.</param>
    /// <param name="options">The naming policy and the rule for unknown members.</param>
    public static T? Read<T>(ReadOnlySpan<byte> json, JsonSerializerOptions options) =>
        Read(json, options, static (bytes, strict) => JsonSerializer.Deserialize<T>(bytes, strict));

    private delegate T? Reader<T>(ReadOnlySpan<byte> json, JsonSerializerOptions options);

    private static T? Read<T>(ReadOnlySpan<byte> json, JsonSerializerOptions options, Reader<T> read)
    {
        try
        {
            T? value = read(json, Strict.GetOrAdd(options, Tighten));
            return FaultOf(value) is { } fault ? throw new JsonException($"It {fault}.") : value;
        }
        catch (JsonException error) when (error.Path is not null || error.LineNumber is not null)
        {
            string path = error.Path is null or "$" ? "" : $" Path: {error.Path}.",
            line = error.LineNumber is { } number ? $" Line {number + 1}." : "";
            throw new JsonException(ReasonOf(error.Message) + path + line, error.Path, error.LineNumber, error.BytePositionInLine, error);
        }
    }

    // The messages of System.Text.Json are for programmers: they name types and internals.
    private static string ReasonOf(string message)
    {
        int place = message.AsSpan().IndexOfAny(Places);
        string reason = (place < 0 ? message : message[..place]).TrimEnd();
        if (reason.Contains("isFinalBlock", StringComparison.Ordinal) || reason.Contains("Expected depth", StringComparison.Ordinal))
            return "It ends too early.";
        if (reason.StartsWith("The JSON value could not be converted", StringComparison.Ordinal))
            return "A value is of the wrong kind.";
        if (MissingPattern().Match(reason) is { Success: true } missing)
            return $"It lacks {missing.Groups["names"].Value}.";
        return UnknownPattern().Match(reason) is { Success: true } unknown
            ? $"It has an unknown member {unknown.Groups["name"].Value}."
            : reason;
    }

    [GeneratedRegex("missing required properties including: (?<names>.+?)\\.?$", RegexOptions.CultureInvariant)]
    private static partial Regex MissingPattern();

    [GeneratedRegex("^The JSON property (?<name>'.+') could not be mapped", RegexOptions.CultureInvariant)]
    private static partial Regex UnknownPattern();

    private static JsonSerializerOptions Tighten(JsonSerializerOptions loose)
    {
        var strict = new JsonSerializerOptions(loose)
        {
            AllowDuplicateProperties = false,
            AllowTrailingCommas = false,
            MaxDepth = MaxDepth,
            NumberHandling = JsonNumberHandling.Strict,
            PropertyNameCaseInsensitive = false,
            RespectNullableAnnotations = true,
            TypeInfoResolver = (loose.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(RefuseUnusable),
        };
        // First, so that it precedes the converters of a context or a type.
        strict.Converters.Insert(0, new NamedEnums(loose));
        return strict;
    }

    private static void RefuseUnusable(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        foreach (JsonPropertyInfo property in type.Properties)
            property.IsRequired |= property.AssociatedParameter is
            {
                IsMemberInitializer: false,
                HasDefaultValue: false,
                IsNullable: false,
            };
        // A generated reader sets a missing member to null, even if the member has an initial value.
        JsonPropertyInfo[] looked =
        [
            .. type.Properties.Where(property => property.Get is not null && (IsNeeded(property) || MayBeUnusable(property))),
        ];
        if (looked.Length == 0)
            return;
        Action<object>? next = type.OnDeserialized;
        type.OnDeserialized = value =>
        {
            foreach (JsonPropertyInfo property in looked)
            {
                object? member = property.Get!(value);
                string? wrong = member is null
                    ? (IsNeeded(property) ? "is missing" : null)
                    : MayBeUnusable(property) ? FaultOf(member) : null;
                if (wrong is { } fault)
                    throw new JsonException($"'{property.Name}' {fault}.");
            }

            next?.Invoke(value);
        };
    }

    private static bool IsNeeded(JsonPropertyInfo property) => !property.IsGetNullable && !property.PropertyType.IsValueType;

    // A custom converter checks what it reads.
    private static bool MayBeUnusable(JsonPropertyInfo property) =>
        property.CustomConverter is null && MayBeUnusable(property.PropertyType);

    private static bool MayBeUnusable(Type type) =>
        IsReal(type) || (type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable))
            && !(type.IsArray && type.GetElementType()!.IsPrimitive));

    private static bool IsReal(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is var plain && (plain == typeof(float) || plain == typeof(double));

    private static string? FaultOf(object? value) => value switch
    {
        float number when !float.IsFinite(number) => "is too large a number",
        double number when !double.IsFinite(number) => "is too large a number",
        string => null,
        IDictionary items => FaultOf(items.Values),
        IEnumerable items => items.Cast<object?>().Select(item => item is null ? "has a null in it" : FaultOf(item))
            .FirstOrDefault(fault => fault is not null),
        _ => null,
    };

    /// <summary>Reads enumeration values by their written names only.</summary>
    private sealed class NamedEnums(JsonSerializerOptions written) : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(NamedEnum<>).MakeGenericType(typeToConvert), written)!;
    }

    private sealed class NamedEnum<T>(JsonSerializerOptions written) : JsonConverter<T>
        where T : struct, Enum
    {
        private readonly Dictionary<string, T> _byName =
            Enum.GetValues<T>().ToDictionary(value => NameOf(value, written), StringComparer.Ordinal);

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && _byName.TryGetValue(reader.GetString()!, out T value)
                ? value
                : throw new JsonException($"It is none of {string.Join(", ", _byName.Keys.Select(name => $"\"{name}\""))}.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(NameOf(value, written));

        private static string NameOf(T value, JsonSerializerOptions written) =>
            JsonSerializer.SerializeToElement(value, written).GetString()!;
    }
}
