using System.Buffers;
using System.Collections;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace IpuNet.Faces.Files;

/// <summary>
/// How JSON is read that comes from outside: messages, manifests, records, stored answers, reports, experiments. All of it is read by these rules.
/// </summary>
/// <remarks>
/// Refused are: a name that stands twice in an object, a name in other letters (Gallery for gallery), comments (but in experiments), commas after the last item,
/// a number as a string or a string as a number, NaN and what is too large for its type, an enumeration's value as a number or in other letters,
/// null where a value is needed, also inside a list, a member that is missing and has no default, and more than <see cref="MaxDepth"/> levels.
/// Members that nobody knows are left out: a later version may write more. Experiments, which people write, have comments and refuse unknown members.
/// </remarks>
public static partial class StrictJson
{
    /// <summary>Most objects and lists within each other.</summary>
    public const int MaxDepth = 32;

    // Where the library begins to say where.
    private static readonly SearchValues<string> Places = SearchValues.Create([" Path: ", " LineNumber: "], StringComparison.Ordinal);

    private static readonly ConcurrentDictionary<JsonSerializerOptions, JsonSerializerOptions> Strict = new(ReferenceEqualityComparer.Instance);

    /// <summary>The same rules where a document is looked at piece by piece.</summary>
    public static JsonDocumentOptions Document { get; } = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads a value.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="type">Its form. What its context says of names, and of members that nobody knows, holds.</param>
    /// <returns>Null where the JSON is null.</returns>
    /// <exception cref="JsonException">It is not what it should be; the message says where.</exception>
    /// <exception cref="FaceDataException">It says what cannot be.</exception>
    public static T? Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Read(json, type.Options, static (bytes, options) => JsonSerializer.Deserialize(bytes, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T))));
    }

    /// <inheritdoc cref="Read{T}(ReadOnlySpan{byte}, JsonTypeInfo{T})"/>
    /// <param name="json">UTF-8.</param>
    /// <param name="options">What is said of names, and of members that nobody knows.</param>
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
            string path = error.Path is null or "$" ? "" : $" Path: {error.Path}.", line = error.LineNumber is { } number ? $" Line {number + 1}." : "";
            throw new JsonException(ReasonOf(error.Message) + path + line, error.Path, error.LineNumber, error.BytePositionInLine, error);
        }
    }

    // What System.Text.Json says is meant for programmers: it names types, and how it reads.
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
        return UnknownPattern().Match(reason) is { Success: true } unknown ? $"It has an unknown member {unknown.Groups["name"].Value}." : reason;
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
        // First, so that it comes before what a context or a type says of its names.
        strict.Converters.Insert(0, new NamedEnums(loose));
        return strict;
    }

    private static void RefuseUnusable(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        foreach (JsonPropertyInfo property in type.Properties)
            property.IsRequired |= property.AssociatedParameter is { IsMemberInitializer: false, HasDefaultValue: false, IsNullable: false };
        // What generated readers are not given they set to null, whatever the member begins with.
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
                string? wrong = member is null ? (IsNeeded(property) ? "is missing" : null) : MayBeUnusable(property) ? FaultOf(member) : null;
                if (wrong is { } fault)
                    throw new JsonException($"'{property.Name}' {fault}.");
            }

            next?.Invoke(value);
        };
    }

    private static bool IsNeeded(JsonPropertyInfo property) => !property.IsGetNullable && !property.PropertyType.IsValueType;

    // A converter checks what it reads.
    private static bool MayBeUnusable(JsonPropertyInfo property) => property.CustomConverter is null && MayBeUnusable(property.PropertyType);

    private static bool MayBeUnusable(Type type) =>
        IsReal(type) || (type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable)) && !(type.IsArray && type.GetElementType()!.IsPrimitive));

    private static bool IsReal(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var plain && (plain == typeof(float) || plain == typeof(double));

    private static string? FaultOf(object? value) => value switch
    {
        float number when !float.IsFinite(number) => "is too large a number",
        double number when !double.IsFinite(number) => "is too large a number",
        string => null,
        IDictionary items => FaultOf(items.Values),
        IEnumerable items => items.Cast<object?>().Select(item => item is null ? "has a null in it" : FaultOf(item)).FirstOrDefault(fault => fault is not null),
        _ => null,
    };

    /// <summary>Enumerations by the names alone that they are written with.</summary>
    private sealed class NamedEnums(JsonSerializerOptions written) : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(NamedEnum<>).MakeGenericType(typeToConvert), written)!;
    }

    private sealed class NamedEnum<T>(JsonSerializerOptions written) : JsonConverter<T>
        where T : struct, Enum
    {
        private readonly Dictionary<string, T> _byName = Enum.GetValues<T>().ToDictionary(value => NameOf(value, written), StringComparer.Ordinal);

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && _byName.TryGetValue(reader.GetString()!, out T value)
                ? value
                : throw new JsonException($"It is none of {string.Join(", ", _byName.Keys.Select(name => $"\"{name}\""))}.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(NameOf(value, written));

        private static string NameOf(T value, JsonSerializerOptions written) =>
            JsonSerializer.SerializeToElement(value, written).GetString()!;
    }
}
