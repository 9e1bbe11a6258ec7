using System.CommandLine;
using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Service.Models;

namespace IpuNet.CommandLine;

/// <summary>The options that say where the models are and how they run.</summary>
public sealed class ModelArguments
{
    private readonly Option<string?> _models = new("--models")
    {
        Description = $"Folder of the models. Default: ${ModelStore.LocationVariable}, or the folder 'models' beside or above the program.",
        HelpName = "DIR",
    };

    private readonly Option<string> _device = new("--device")
    {
        Description = "Processor that runs the models.",
        DefaultValueFactory = _ => InferenceSettings.Cpu,
    };

    private readonly Option<string?>? _recogniser;

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads for each model. 0, the default, means one for each processor.",
        HelpName = "N",
    };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="recogniser">What the recogniser does in this command, a sentence; null if the command has none.</param>
    /// <param name="runsModels">Whether the command runs models, or only reads and writes their folder.</param>
    /// <param name="recogniserDefault">The recogniser of a command that names none.</param>
    public ModelArguments(
        Command command, string? recogniser = null, bool runsModels = true, string recogniserDefault = "the one in use")
    {
        _recogniser = recogniser is null ? null : new("--recogniser")
        {
            Description = $"{recogniser} Write name or name@version. Default: {recogniserDefault}.",
            HelpName = "ID",
        };
        All =
        [
            _models,
            .. (Option[])(_recogniser is null ? [] : [_recogniser]),
            .. (Option[])(runsModels
                ? [_device.OneOf(Word(InferenceSettings.Cpu), Word(InferenceSettings.Cuda)), _threads.Within(0, 1024)]
                : []),
        ];
        foreach (Option option in All)
            command.Options.Add(option);

        static (string, string) Word(string device) => (device, device);
    }

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All { get; }

    /// <summary>Whether the user named a recogniser.</summary>
    public bool NamesRecogniser(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return _recogniser is not null && parsed.GetValue(_recogniser) is not null;
    }

    /// <summary>The folder of models, with the recogniser that the user named in place of the one in use.</summary>
    /// <exception cref="UsageException">The named folder does not exist.</exception>
    /// <exception cref="FaceDataException">There is no folder of models, or no such recogniser in it.</exception>
    public ModelStore Store(ParseResult parsed)
    {
        ModelStore store = parsed.GetValue(_models) is { } folder
            ? new ModelStore(Directory.Exists(folder)
                ? folder
                : throw new UsageException($"{folder}: no such folder of models. Name another with --models."))
            : ModelStore.Locate();
        return _recogniser is not null && parsed.GetValue(_recogniser) is { } recogniser ? store.WithRecogniser(recogniser) : store;
    }

    /// <summary>The options for the service.</summary>
    public ModelOptions ToService(ParseResult parsed)
    {
        ModelStore store = Store(parsed);
        InferenceSettings settings = Settings(parsed);
        return new() { Folder = store.Root, Recogniser = store.Current.Recogniser, Device = settings.Device, Threads = settings.Threads };
    }

    /// <summary>The options for the service's configuration.</summary>
    public Dictionary<string, string?> ToConfiguration(ParseResult parsed)
    {
        const string section = ModelOptions.Section;
        ModelOptions options = ToService(parsed);
        return new()
        {
            [$"{section}:{nameof(options.Folder)}"] = options.Folder,
            [$"{section}:{nameof(options.Recogniser)}"] = options.Recogniser,
            [$"{section}:{nameof(options.Device)}"] = options.Device,
            [$"{section}:{nameof(options.Threads)}"] = options.Threads.ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>How models run.</summary>
    public InferenceSettings Settings(ParseResult parsed) =>
        new() { Device = parsed.GetValue(_device)!, Threads = parsed.GetValue(_threads) };
}
