using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Training.Degradation;

namespace IpuNet.Training.Experiments;

/// <summary>
/// The rules for the fields of an experiment. The attributes of the fields hold the rules. This class checks them, and writes them out for
/// messages and for docs/training.md.
/// </summary>
internal static class ExperimentRules
{
    /// <summary>The problems of a part of an experiment: each names a wrong field, its value and its rule.</summary>
    /// <param name="part">The part, or the whole experiment.</param>
    /// <param name="path">Beginning of the names, such as "schedule."; empty for the whole experiment.</param>
    public static IEnumerable<string> Problems(object part, string path = "")
    {
        foreach (PropertyInfo field in FieldsOf(part.GetType()))
        {
            string name = path + NameOf(field);
            object? value = field.GetValue(part);
            ValidationAttribute[] rules = [.. field.GetCustomAttributes<ValidationAttribute>()];
            foreach (ValidationAttribute rule in rules.Where(rule => IsOfWhole(rule, field) && value is not null && !rule.IsValid(value)))
                yield return $"{name} {Shown(rule, value!)}: it has to be {Describe(rule)}";
            foreach (var (item, itemName) in Items(value, name))
            {
                foreach (ValidationAttribute rule in rules.Where(rule => !IsOfWhole(rule, field) && !rule.IsValid(item)))
                    yield return $"{itemName} {Shown(rule, item)}: it has to be {Describe(rule)}";
                if (IsPart(item.GetType()))
                {
                    foreach (string problem in Problems(item, itemName + "."))
                        yield return problem;
                }
            }

            if (value is not null && IsPart(value.GetType()))
            {
                foreach (string problem in Problems(value, name + "."))
                    yield return problem;
            }
        }
    }

    /// <summary>The fields of an experiment and their rules, in the order of declaration.</summary>
    /// <param name="type">The type of the experiment or of a part.</param>
    /// <param name="path">Beginning of the names, such as "schedule."; empty for the whole experiment.</param>
    /// <returns>Name, type and rule of each field; a null rule allows every value of the type.</returns>
    public static IEnumerable<(string Name, Type Type, string? Rule)> Of(Type type, string path = "")
    {
        foreach (PropertyInfo field in FieldsOf(type))
        {
            string name = path + NameOf(field);
            Type plain = Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType;
            Type item = ItemOf(plain) ?? plain;
            if (IsPart(item))
            {
                foreach (var inner in Of(item, $"{name}{(item == plain ? "" : "[]")}."))
                    yield return inner;
            }
            else
            {
                string[] rules = [
                    .. field.GetCustomAttributes<ValidationAttribute>().OrderByDescending(rule => IsOfWhole(rule, field)).Select(Describe)];
                string? named = item.IsEnum ? string.Join(
                    ", ", Enum.GetNames(item).Select(value => $"\"{JsonNamingPolicy.CamelCase.ConvertName(value)}\"")) : null;
                yield return (name, plain, rules.Length > 0 ? string.Join(", each ", rules) : named);
            }
        }
    }

    /// <summary>The rule of a field; null if the field or its rule is unknown.</summary>
    /// <param name="path">The path of the field in the error of a JSON reader, such as <c>$.schedule.batch</c>.</param>
    public static string? RuleOf(string? path)
    {
        string name = string.Concat(
            (path ?? "").Split(['[', ']']).Select((part, i) => i % 2 == 0 ? part : "[]")).Replace("$.", "", StringComparison.Ordinal);
        return new[] { typeof(EnhancerExperiment), typeof(RecogniserExperiment), typeof(AlignerExperiment) }.SelectMany(type => Of(type))
            .Where(field => field.Name == name || field.Name + "[]" == name).Select(
                field => field.Rule).FirstOrDefault(rule => rule is not null);
    }

    private static IEnumerable<PropertyInfo> FieldsOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(
            field => field.CanWrite && field.GetCustomAttribute<JsonIgnoreAttribute>() is null);

    private static string NameOf(PropertyInfo field) => JsonNamingPolicy.CamelCase.ConvertName(field.Name);

    private static bool IsPart(Type type) => type.IsClass && type.Namespace?.StartsWith(nameof(IpuNet), StringComparison.Ordinal) == true;

    private static Type? ItemOf(Type type) =>
        type != typeof(string) && type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)) ? type.GetGenericArguments()[0] : null;

    // In a list, the rule about the length is about the whole list. Any other rule is about each item.
    private static bool IsOfWhole(ValidationAttribute rule, PropertyInfo field) =>
        rule is LengthAttribute || ItemOf(field.PropertyType) is null;

    private static IEnumerable<(object Item, string Name)> Items(object? value, string name) =>
        value is IEnumerable items and not string ? items.Cast<object>().Select(
            (item, i) => (item, string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]"))) : [];

    private static string Shown(ValidationAttribute rule, object value) => (rule, value) switch
    {
        (LengthAttribute, string text) => string.Create(CultureInfo.InvariantCulture, $"has {text.Length:N0} characters"),
        (LengthAttribute, ICollection items) => string.Create(CultureInfo.InvariantCulture, $"has {items.Count:N0} items"),
        (_, string text) => $"is '{text}'",
        _ => string.Create(CultureInfo.InvariantCulture, $"is {value}"),
    };

    private static string Describe(ValidationAttribute rule) => rule switch
    {
        RangeAttribute range when range.Minimum.Equals(range.Maximum) => Number(range.Minimum),
        RangeAttribute range =>
            $"{(range.MinimumIsExclusive ? "above " : "")}{Number(range.Minimum)} to "
            + $"{(range.MaximumIsExclusive ? "below " : "")}{Number(range.Maximum)}",
        LengthAttribute length => string.Create(CultureInfo.InvariantCulture, $"{length.MinimumLength} to {length.MaximumLength:N0} long"),
        AllowedValuesAttribute allowed => string.Join(", ", allowed.Values.Select(value => Number(value!))),
        FaceSizeTextAttribute => FaceSizeTextAttribute.Rule,
        _ => throw new NotSupportedException($"There is no text for the rule {rule.GetType().Name}."),
    };

    private static string Number(object number) => ((IFormattable)number).ToString("#,0.#####", CultureInfo.InvariantCulture);
}
