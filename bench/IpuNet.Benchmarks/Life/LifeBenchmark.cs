using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Inputs;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.LocalCloud;
using IpuNet.Service.Galleries;
using IpuNet.Service.Intake;
using IpuNet.Service.Registry;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Training.Data;

namespace IpuNet.Benchmarks.Life;

/// <summary>The life of a model on this machine: begun with, trained further, judged, put in use and taken back, while crops come in all the time.</summary>
internal sealed class LifeBenchmark(ModelStore store, LifeSettings settings, Terminal terminal)
{
    private const string Batch = "life", WarmUpBatch = "warm-up";
    private const double WarmUpRate = 2;

    // Longer than a switch may take, so that one that is late is seen and said.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2 * ModelTurn.Limit), Afterwards = TimeSpan.FromSeconds(5);

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        IReadOnlyList<TrainingFace> others = FaceSet.Find(new DataOptions { Sets = [new ImageSet { Folder = "", Identities = true }] }, settings.Fixed);
        InstalledModel start = settings.From is { } id ? store.Find(id).Require(ModelKind.Enhancer) : await Task.Run(
            () => StartModel.Make(store.FindCurrent(ModelKind.Recogniser), others, cancellation), cancellation);
        DirectoryInfo work = Directory.CreateTempSubdirectory("ipunet-life-");
        try
        {
            ShortExperiment.Write(store, settings.Experiment, settings.Steps, ModelsIn(work.FullName));
            using var logs = new TerminalLogs(terminal, verbose: false);
            var local = new LocalCloudSettings { Options = new Dictionary<string, string?> { [$"{Service.Models.ModelOptions.Section}:{nameof(Service.Models.ModelOptions.Folder)}"] = store.Root } };
            await using LocalCloudHost cloud = await LocalCloudHost.StartAsync(local, null, logs, terminal.Note, cancellation);
            return await StorageArguments.UseAsync(
                cloud.Account, _ => LiveAsync(cloud, start, SteadyLoad.CropsOf(others), work.FullName, cancellation));
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private async Task<int> LiveAsync(LocalCloudHost cloud, InstalledModel start, byte[][] crops, string work, CancellationToken cancellation)
    {
        StorageAccount account = cloud.Account;
        var registry = new ModelRegistry(account, TimeProvider.System);
        using PipelineModels first = Open(start);
        await BeginAsync(account, registry, start, first, crops, cancellation);

        await using var load = SteadyLoad.Start(account, Batch, crops, settings.Rate);
        var training = new KilledTraining(terminal, account, cloud.ConnectionString);
        RetrainingAnswer answer = await training.RunAsync(
            settings.Experiment, settings.Kills, ["--models", ModelsIn(work), "--work", Path.Combine(work, "retraining")], cancellation);
        terminal.WriteLine($"The training was {answer.Status.ToString().ToLowerInvariant()}. {answer.Reason}");
        IReadOnlyList<(string Name, string From, string To, DateTimeOffset At)> changes = answer.Status == RetrainingStatus.Promoted
            ? [await SwitchAsync(load, registry, "promotion", start.Id, answer.Candidate!, cancellation), await RollBackAsync(cloud, load, registry, answer.Candidate!, start.Id, cancellation)]
            : [];
        await load.StopAsync();
        terminal.Note("Waiting for the last results ...");
        await LifeResults.AwaitAsync(account, Batch, load.Names.Count, cancellation);

        using PipelineModels? second = changes is [] ? null : Open(await registry.DownloadAsync(answer.Candidate!, cancellation));
        Dictionary<string, PipelineModels> models = new(StringComparer.Ordinal) { [start.Id] = first };
        if (second is not null)
            models[answer.Candidate!] = second;
        LifeOutcome outcome = await CheckAsync(account, load, models, first, changes, training.Kills, cancellation);
        terminal.Write(outcome.Table());
        string[] faults = [.. outcome.Faults()];
        foreach (string fault in faults)
            terminal.Fail(fault);
        if (faults is [] && changes is [])
            terminal.Warn("The new model was not put in use, so there was no switch to measure. Give it more steps, more people, or a worse model to begin with.");
        return faults is not [] ? ExitCode.SomeFailed : changes is [] ? ExitCode.NotSeen : ExitCode.Done;
    }

    private static string ModelsIn(string work) => Path.Combine(work, "models");

    private PipelineModels Open(InstalledModel enhancer) => PipelineModels.Open(ModelSet.Current(store, recognise: true).With(ModelKind.Enhancer, enhancer), new InferenceSettings());

    // Images to learn from, people to be found, and the model to begin with, at work.
    private async Task BeginAsync(StorageAccount account, ModelRegistry registry, InstalledModel start, PipelineModels models, byte[][] crops, CancellationToken cancellation)
    {
        foreach (var (folder, isFixed) in ((string, bool)[])[(settings.People, false), (settings.Fixed, true)])
        {
            if (await UploadRun.ToTrainingAsync(terminal, account, isFixed, ImageInputs.Find([folder]), cancellation) is > 0 and var failures)
                throw new FaceDataException($"{failures} images of {folder} could not be uploaded.");
        }

        await ServiceBenchmark.EnrolAsync(account, models, cancellation);
        await registry.PublishAsync(start.Manifest, start.ReadVerified(), cancellation);
        await registry.PromoteAsync([start.Id], new ModelWish("ipunet bench life", "to begin with"), cancellation);
        await using var warmUp = SteadyLoad.Start(account, WarmUpBatch, crops, WarmUpRate);
        if (!await warmUp.TryAwaitAsync(start.Id, Patience, cancellation))
            throw new FaceDataException($"The worker did not begin with {start.Id}.");
        await warmUp.StopAsync();
    }

    private async Task<(string Name, string From, string To, DateTimeOffset At)> SwitchAsync(
        SteadyLoad load, ModelRegistry registry, string name, string from, string to, CancellationToken cancellation)
    {
        DateTimeOffset at = (await registry.CurrentAsync(cancellation))!.Change!.At;
        if (!await load.TryAwaitAsync(to, Patience, cancellation))
            terminal.Warn($"No result names {to}.");
        await Task.Delay(Afterwards, cancellation);
        return (name, from, to, at);
    }

    private async Task<(string Name, string From, string To, DateTimeOffset At)> RollBackAsync(
        LocalCloudHost cloud, SteadyLoad load, ModelRegistry registry, string from, string to, CancellationToken cancellation)
    {
        using var command = ProductProcess.Start(ProgramBeside.IpuNet, terminal, cloud.ConnectionString, ["models", "rollback", "--reason", "ipunet bench life"]);
        if (await command.ExitAsync(cancellation) is not 0 and var code)
            throw new FaceDataException($"`ipunet models rollback` ended with exit code {code}.");
        return await SwitchAsync(load, registry, "rollback", from, to, cancellation);
    }

    private async Task<LifeOutcome> CheckAsync(
        StorageAccount account, SteadyLoad load, IReadOnlyDictionary<string, PipelineModels> models, PipelineModels first,
        IReadOnlyList<(string Name, string From, string To, DateTimeOffset At)> changes, int kills, CancellationToken cancellation)
    {
        IReadOnlyList<LifeResult> results = await LifeResults.ReadAsync(account, Batch, cancellation);
        using var galleries = new GalleryCache(account, TimeProvider.System);
        GalleryIndex gallery = (await galleries.GetAsync(UploadWishes.DefaultGallery, first.Source, first.Embedder!.Dimensions, cancellation))!;
        var check = new MixCheck(account, load.CropOf, gallery, models);
        LifeResult[] whole = [.. results.Where(check.IsOfOne)];
        LifeResult[] near = [.. whole.Where(result => changes.Any(change => (result.Written - change.At).TotalSeconds is > -ModelTurn.Limit / 3 and < ModelTurn.Limit))];
        var mixed = await ProgressDisplay.RunAsync(terminal, "results computed once more", near.Length, progress => check.FindMixedAsync(near, progress, cancellation));
        return new LifeOutcome
        {
            Uploads = load.Names,
            Results = results,
            Mixed = results.Count - whole.Length + mixed.Count,
            Checked = (check.Recomputed, check.ToldApart),
            Turns = [.. changes.Select((change, i) => ModelTurn.Of(change.Name, change.From, change.To, change.At, i + 1 < changes.Count ? changes[i + 1].At : DateTimeOffset.MaxValue, results))],
            Kills = kills,
            Messages = (await CountAsync(""), await CountAsync(StorageNames.PoisonSuffix)),
        };

        async Task<int> CountAsync(string suffix)
        {
            int count = 0;
            foreach (string queue in StorageNames.Queues)
                count += await account.CountMessagesAsync(queue + suffix, cancellation);
            return count;
        }
    }
}
