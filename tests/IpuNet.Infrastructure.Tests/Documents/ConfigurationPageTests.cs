using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using IpuNet.Service.Storage;
using IpuNet.Worker;

namespace IpuNet.Infrastructure.Tests.Documents;

/// <summary>Checks docs/configuration.md against the options in the code, their defaults and bounds.</summary>
public sealed partial class ConfigurationPageTests
{
    private const string SectionField = "Section";

    private static readonly string Page = Repository.Read("docs/configuration.md");

    private static readonly Dictionary<string,
    PropertyInfo> Options = new[] { typeof(StorageOptions).Assembly, typeof(WorkerOptions).Assembly }
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => SectionOf(type) is not null)
        .SelectMany(type => type.GetProperties().Where(property => property.CanWrite))
        .ToDictionary(property => $"{SectionOf(property.DeclaringType!)}:{property.Name}");

    public static TheoryData<string> Names => [.. Options.Keys];

    public static TheoryData<string> Documents => [.. Repository.Documents];

    [Theory]
    [MemberData(nameof(Names))]
    public void Page_OfAnOption_HasItsDefaultAndBounds(string option)
    {
        string[] cells = RowOf(option);

        cells[0].ShouldBe(DefaultOf(Options[option]));
        if (BoundsOf(Options[option]) is { } bounds)
            cells[1].ShouldBe(bounds);
        cells[2].ShouldNotBeEmpty();
    }

    [Fact]
    public void Page_HasNoOtherOptions() =>
        OptionRow().Matches(Page).Select(row => row.Groups["name"].Value).ShouldBe(Options.Keys, ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Documents))]
    public void Setting_OfADocument_IsAnOptionWithAValueThatItTakes(string document)
    {
        foreach (Match setting in Setting().Matches(Repository.Read(document)))
        {
            string name = $"{setting.Groups["section"].Value}:{setting.Groups["name"].Value}";
            if (!Options.Keys.Any(option => option.StartsWith($"{setting.Groups["section"].Value}:", StringComparison.Ordinal)))
                continue;

            Options.Keys.ShouldContain(name, document);
            if (setting.Groups["value"] is { Success: true, Value: var value })
                FaultsOf(Options[name], value).ShouldBeEmpty(setting.Value);
        }
    }

    [Theory]
    [InlineData("Recognition:MaxImages", "32", true)]
    [InlineData("Recognition:MaxImages", "0", false)]
    [InlineData("Models:Device", "cuda", true)]
    [InlineData("Models:Device", "gpu", false)]
    public void FaultsOf_AValue_AreNoneWhereItIsWithinTheBounds(string option, string value, bool isTaken) =>
        (FaultsOf(Options[option], value).Count == 0).ShouldBe(isTaken);

    [Fact]
    public void Page_OfVariables_HasThoseThatTheProgramsReadAndNoOthers() =>
        VariableRow().Matches(Page)
            .Select(row => row.Groups["name"].Value)
            .Where(name => name.StartsWith("IPUNET_", StringComparison.Ordinal))
            .ShouldBe(VariablesOfTheSources(), ignoreOrder: true);

    private static string? SectionOf(Type type) =>
        type.GetField(SectionField, BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string;

    private static string[] RowOf(string option)
    {
        Match found = OptionRow().Matches(Page).Single(row => row.Groups["name"].Value == option);
        return [.. found.Groups["cells"].Value.Split('|').Select(cell => cell.Trim())];
    }

    private static string DefaultOf(PropertyInfo property) => property.GetValue(Activator.CreateInstance(property.DeclaringType!)) switch
    {
        null => "none",
        TimeSpan time => Text(time),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static List<ValidationResult> FaultsOf(PropertyInfo property, string value)
    {
        List<ValidationResult> faults = [];
        object? read = TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(value);
        var options = new ValidationContext(Activator.CreateInstance(property.DeclaringType!)!) { MemberName = property.Name };
        Validator.TryValidateProperty(read, options, faults);
        return faults;
    }

    // Null if the type has no bounds.
    private static string? BoundsOf(PropertyInfo property)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            if (range.OperandType == typeof(TimeSpan))
                return $"{Text(TimeOf(range.Minimum))} to {Text(TimeOf(range.Maximum))}";
            var (least, most) = (
                Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture),
                Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));
            return most >= long.MaxValue ? $"at least {least:0}" : string.Create(CultureInfo.InvariantCulture, $"{least:0} to {most:0}");
        }

        if (property.GetCustomAttribute<StringLengthAttribute>() is { } length)
            return $"{length.MinimumLength} to {length.MaximumLength} characters";
        string[] words = property.PropertyType.IsEnum
            ? Enum.GetNames(property.PropertyType)
            : [.. property.GetCustomAttribute<AllowedValuesAttribute>()?.Values.Cast<string>() ?? []];
        return words.Length == 0 ? null : $"{string.Join(", ", words[..^1].Select(word => $"`{word}`"))} or `{words[^1]}`";
    }

    private static TimeSpan TimeOf(object bound) => TimeSpan.Parse((string)bound, CultureInfo.InvariantCulture);

    private static string Text(TimeSpan time) => ZerosAtTheEnd().Replace(time.ToString("c", CultureInfo.InvariantCulture), "$1");

    // The code composes the names of the last two. Variables that a program sets only for its own child process are not on the page.
    private static IEnumerable<string> VariablesOfTheSources() =>
        Directory.GetFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories)
        .SelectMany(file => ReadVariable().Matches(File.ReadAllText(file)).Select(variable => variable.Groups["name"].Value))
        .Concat(["IPUNET_TRAINER", "IPUNET_BENCH"])
        .Distinct();

    [GeneratedRegex(@"^\| `(?<name>\w+:\w+)` \|(?<cells>.*)\|$", RegexOptions.Multiline)]
    private static partial Regex OptionRow();

    [GeneratedRegex(@"^\| `(?<name>[A-Z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex VariableRow();

    [GeneratedRegex("Variable = \"(?<name>IPUNET_[A-Z_]+)\"")]
    private static partial Regex ReadVariable();

    // The forms of a setting: `Section__Name=value`, `--Section:Name 1`, `Section:Name` = `value`, or the name without a value.
    [GeneratedRegex(@"\b(?<section>[A-Z][a-z]+)(__|:)(?<name>[A-Z]\w+)(=(?<value>[^`\s]+)| (?<value>\d+)|` = `(?<value>[^`]+)`)?")]
    private static partial Regex Setting();

    [GeneratedRegex(@"(\.\d+?)0+$")]
    private static partial Regex ZerosAtTheEnd();
}
