using System.Globalization;
using System.Security.Cryptography;
using IpuNet.Benchmarks.Service;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Inputs;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Policies;
using IpuNet.Faces.Recognition;
using IpuNet.LocalCloud;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Queues;
using IpuNet.Service.Registry;
using IpuNet.Service.Storage;
using IpuNet.Training.Data;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Protocols;
using IpuNet.Training.Experiments;
using IpuNet.Training.Export;

namespace IpuNet.Benchmarks.Life;

/// <summary>
/// The life of a model on this machine: a first model, a training, the gate, a promotion and a rollback. Crops are uploaded all the time.
/// </summary>
internal sealed class LifeBenchmark(ModelStore store, LifeSettings settings, Terminal terminal)
{
    private const string Batch = "life", WarmUpBatch = "warm-up";
    private const double WarmUpRate = 2;

    // Longer than the limit of a switch, so that a late switch is reported.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2 * SwitchTimes.Limit), Afterwards = TimeSpan.FromSeconds(5);

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        IReadOnlyList<TrainingFace> others = FaceSet.Find(
            new DataOptions { Sets = [new ImageSet { Folder = "", Identities = true }] }, settings.Fixed);
        InstalledModel start = settings.From is { } id
            ? store.Find(id).Require(ModelKind.Enhancer)
            : await Task.Run(() => FirstModel.Make(store.FindCurrent(ModelKind.Recogniser), others, cancellation), cancellation);
        DirectoryInfo work = Directory.CreateTempSubdirectory("ipunet-life-");
        try
        {
            ShortExperiment.Write(store, settings.Experiment, settings.Steps, ModelsIn(work.FullName));
            using var logs = new TerminalLogs(terminal, verbose: false);
            const string modelsFolder = $"{ModelOptions.Section}:{nameof(ModelOptions.Folder)}";
            var local = new LocalCloudSettings { Options = new Dictionary<string, string?> { [modelsFolder] = store.Root } };
            await using LocalCloudHost cloud = await LocalCloudHost.StartAsync(local, null, logs, terminal.Note, cancellation);
            return await StorageArguments.UseAsync(
                cloud.Account, _ => RunWithLoadAsync(cloud, start, SteadyLoad.CropsOf(others), work.FullName, cancellation));
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private async Task<int> RunWithLoadAsync(
        LocalCloudHost cloud, InstalledModel start, byte[][] crops, string work, CancellationToken cancellation)
    {
        StorageAccount account = cloud.Account;
        var registry = new ModelRegistry(account, TimeProvider.System);
        using PipelineModels first = Open(start);
        await SetUpAsync(account, registry, start, first, crops, cancellation);

        await using var load = SteadyLoad.Start(account, Batch, crops, settings.Rate);
        var training = new InterruptedTraining(terminal, account, cloud.ConnectionString);
        RetrainingAnswer answer = await training.RunAsync(
            settings.Experiment, settings.Kills, ["--models", ModelsIn(work), "--work", Path.Combine(work, "retraining")], cancellation);
        terminal.WriteLine($"The candidate was {answer.Status.ToString().ToLowerInvariant()}. {answer.Reason}");
        IReadOnlyList<(string Name, string From, string To, DateTimeOffset At)> changes = answer.Status == RetrainingStatus.Promoted
            ?
            [
                await SwitchAsync(load, registry, "promotion", start.Id, answer.Candidate!, cancellation),
                await RollBackAsync(cloud, load, registry, answer.Candidate!, start.Id, cancellation),
            ]
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
            terminal.Warn(
                "The candidate was not promoted, so there was no switch to measure. Use more steps, more people, or a worse first model.");
        return faults is not [] ? ExitCode.SomeFailed : changes is [] ? ExitCode.NotShown : ExitCode.Done;
    }

    private static string ModelsIn(string work) => Path.Combine(work, "models");

    private PipelineModels Open(InstalledModel enhancer) =>
        PipelineModels.Open(ModelSet.Current(store, recognise: true).With(ModelKind.Enhancer, enhancer), new InferenceSettings());

    // Uploads the training images, enrols people, and promotes the first model.
    private async Task SetUpAsync(
        StorageAccount account, ModelRegistry registry, InstalledModel start, PipelineModels models, byte[][] crops,
        CancellationToken cancellation)
    {
        foreach (var (folder, isFixed) in ((string, bool)[])[(settings.People, false), (settings.Fixed, true)])
        {
            int failures = await UploadRun.ToTrainingAsync(terminal, account, isFixed, ImageInputs.Find([folder]), cancellation);
            if (failures > 0)
                throw new FaceDataException($"{failures} images of {folder} could not be uploaded. The errors above say why.");
        }

        await ServiceBenchmark.EnrolAsync(account, models, cancellation);
        await registry.PublishAsync(start.Manifest, start.ReadVerified(), cancellation);
        await registry.PromoteAsync([start.Id], new ModelChangeRequest("ipunet bench life", "first model"), cancellation);
        await using var warmUp = SteadyLoad.Start(account, WarmUpBatch, crops, WarmUpRate);
        if (!await warmUp.TryAwaitAsync(start.Id, Patience, cancellation))
            throw new FaceDataException($"The worker did not switch to {start.Id}.");
        await warmUp.StopAsync();
    }

    private async Task<(string Name, string From, string To, DateTimeOffset At)> SwitchAsync(
        SteadyLoad load, ModelRegistry registry, string name, string from, string to, CancellationToken cancellation)
    {
        DateTimeOffset at = (await registry.CurrentAsync(cancellation))!.Change!.At;
        if (!await load.TryAwaitAsync(to, Patience, cancellation))
            terminal.Warn($"No result names {to} yet.");
        await Task.Delay(Afterwards, cancellation);
        return (name, from, to, at);
    }

    private async Task<(string Name, string From, string To, DateTimeOffset At)> RollBackAsync(
        LocalCloudHost cloud, SteadyLoad load, ModelRegistry registry, string from, string to, CancellationToken cancellation)
    {
        using var command = ProductProcess.Start(
            ProgramBeside.IpuNet, terminal, cloud.ConnectionString, ["registry", "rollback", "--reason", "ipunet bench life"]);
        if (await command.ExitAsync(cancellation) is not 0 and var code)
            throw new FaceDataException($"`ipunet registry rollback` ended with exit code {code}.");
        return await SwitchAsync(load, registry, "rollback", from, to, cancellation);
    }

    private async Task<LifeOutcome> CheckAsync(
        StorageAccount account, SteadyLoad load, IReadOnlyDictionary<string, PipelineModels> models, PipelineModels first,
        IReadOnlyList<(string Name, string From, string To, DateTimeOffset At)> changes, int kills, CancellationToken cancellation)
    {
        IReadOnlyList<LifeResult> results = await LifeResults.ReadAsync(account, Batch, cancellation);
        using var galleries = new GalleryCache(account, TimeProvider.System);
        GalleryIndex? gallery = await galleries.GetAsync(
            UploadRequest.DefaultGallery, first.Source, first.Embedder!.Dimensions, cancellation);
        var check = new MixedResultCheck(account, load.CropOf, gallery!, models);
        LifeResult[] whole = [.. results.Where(check.IsOfOneModel)];
        LifeResult[] near = [.. whole.Where(result => changes.Any(change => IsNear(result.Written - change.At)))];
        var mixed = await ProgressDisplay.RunAsync(
            terminal, "results computed again", near.Length, progress => check.FindMixedAsync(near, progress, cancellation));
        return new LifeOutcome
        {
            Uploads = load.Names,
            Results = results,
            Mixed = results.Count - whole.Length + mixed.Count,
            Checked = (check.Recomputed, check.Distinguishable),
            Switches = [.. changes.Select((change, i) => SwitchTimes.Of(
                change.Name, change.From, change.To, change.At,
                i + 1 < changes.Count ? changes[i + 1].At : DateTimeOffset.MaxValue, results))],
            Kills = kills,
            Messages = (await CountAsync(""), await CountAsync(StorageNames.PoisonSuffix)),
        };

        static bool IsNear(TimeSpan sinceChange) => sinceChange.TotalSeconds is > -SwitchTimes.Limit / 3 and < SwitchTimes.Limit;

        async Task<int> CountAsync(string suffix)
        {
            int count = 0;
            foreach (string queue in StorageNames.Queues)
                count += await account.CountMessagesAsync(queue + suffix, cancellation);
            return count;
        }
    }
}

/// <summary>
/// Makes a folder of models with an experiment that takes only minutes. The intervals of checkpoints and the warm-up become shorter in
/// proportion.
/// </summary>
internal static class ShortExperiment
{
    private const int Checkpoints = 20, Warmups = 10;

    /// <summary>Writes the folder.</summary>
    /// <param name="store">The model store, with the experiments.</param>
    /// <param name="name">Name of the experiment.</param>
    /// <param name="steps">Number of steps.</param>
    /// <param name="folder">The folder. It gets the models in use and the experiment.</param>
    public static void Write(ModelStore store, string name, int steps, string folder)
    {
        var own = new ModelStore(folder);
        foreach (ModelKind kind in (ModelKind[])[ModelKind.Detector, ModelKind.Aligner, ModelKind.Recogniser])
        {
            InstalledModel model = store.FindCurrent(kind);
            own.Use(own.Install(model.Manifest, model.ReadVerified()));
        }

        Experiment experiment = Experiment.Open(name, steps, store);
        ScheduleOptions schedule = experiment.Schedule;
        experiment = experiment with
        {
            Schedule = schedule with
            {
                CheckpointEvery = Math.Max(1, steps / Checkpoints),
                Warmup = Math.Min(schedule.Warmup, steps / Warmups),
                // The average of the weights covers a tenth of the steps at most.
                EmaDecay = Math.Min(schedule.EmaDecay, Math.Max(0, 1 - (double)Warmups / steps)),
            },
            Validation = experiment.Validation with { Every = steps },
        };
        Directory.CreateDirectory(Path.Combine(folder, "experiments"));
        File.WriteAllText(Path.Combine(folder, "experiments", $"{name}.json"), experiment.ToJson());
    }
}

/// <summary>
/// A retraining job as in production: a separate process works on it. The process is killed at random moments and started again.
/// </summary>
internal sealed class InterruptedTraining(Terminal terminal, StorageAccount account, string connectionString)
{
    // After a kill, the next process first waits until the lease of the killed one ends, up to a minute.
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LeastWork = TimeSpan.FromSeconds(5), MostWork = TimeSpan.FromSeconds(60);

    /// <summary>Number of times that the process was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>Sends the job, and runs the process until the job has an answer.</summary>
    /// <param name="experiment">Name of the experiment.</param>
    /// <param name="kills">Number of times to kill the process, if it runs long enough.</param>
    /// <param name="options">Further options of <c>ipunet train --storage</c>.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The answer to the job.</returns>
    /// <exception cref="FaceDataException">The process ended without an answer.</exception>
    public async Task<RetrainingAnswer> RunAsync(
        string experiment, int kills, IReadOnlyList<string> options, CancellationToken cancellation)
    {
        const string job = "life";
        var message = new RetrainingMessage { JobId = job, Experiment = experiment };
        await Jobs.Queue(account, StorageNames.Retraining).SendAsync(message, cancellation);
        int code;
        while (true)
        {
            using var training = ProductProcess.Start(
                ProgramBeside.Trainer, terminal, connectionString, ["train", "--storage", .. options]);
            Task<int> exit = training.ExitAsync(cancellation);
            if (Kills == kills || await Task.WhenAny(exit, Task.Delay(RandomTime(), cancellation)) == exit)
            {
                code = await exit;
                break;
            }

            cancellation.ThrowIfCancellationRequested();
            training.Kill();
            await exit;
            Kills++;
            terminal.Note($"Killed the training {Kills} of {kills} times; starting it again ...");
        }

        string name = StorageNames.RetrainingAnswer(job);
        if (!await account.Container(StorageNames.Results).GetBlobClient(name).ExistsAsync(cancellation))
            throw new FaceDataException(string.Create(
                CultureInfo.InvariantCulture, $"The training ended with exit code {code} and no answer. Its messages are above."));
        return RetrainingAnswer.FromJson(await Jobs.AnswerAsync(account, name, cancellation), name);
    }

    private TimeSpan RandomTime() =>
        (Kills == 0 ? TimeSpan.Zero : LeaseTime) + LeastWork + (MostWork - LeastWork) * Random.Shared.NextDouble();
}

/// <summary>
/// An enhancer that minutes of training can improve: a U-Net with random weights and measured thresholds.
/// </summary>
internal static class FirstModel
{
    private const int Width = 16, Seed = 1, Version = 1;
    private const string Name = "life";

    // In such a small network, kernels with this deviation change a face visibly but do not destroy it.
    private const float Deviation = 0.06f;

    // A high FAR can be measured on few people.
    private const double Far = 0.01;

    /// <summary>Makes the enhancer.</summary>
    /// <param name="recogniser">The recogniser in use.</param>
    /// <param name="people">People to measure the thresholds on.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public static InstalledModel Make(InstalledModel recogniser, IReadOnlyList<TrainingFace> people, CancellationToken cancellation)
    {
        // The network of the experiment 'retrain', which takes the width from this model.
        var network = new UNet(new UNetOptions { Width = Width, Upsampling = Upsampling.Bilinear, Residual = true, Dropout = 0 });
        byte[] onnx = OnnxExporter.ExportEnhancer(network, WeightDeclarations.Randomise(network, Seed, Deviation), WeightStorage.Half);
        var manifest = new ModelManifest
        {
            Name = Name,
            Version = Version,
            Kind = ModelKind.Enhancer,
            Architecture = network.Architecture,
            Input = new ModelInput(FaceAligner.Size, FaceAligner.Size),
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(onnx)),
            TrainedOn = [],
            Note = "Random weights, for `ipunet bench life` only.",
        };
        using FaceEmbedder embedder = FaceEmbedder.Open(recogniser, new InferenceSettings());
        using FaceEnhancer enhancer = FaceEnhancer.Open(new InstalledModel(manifest, Name, onnx), new InferenceSettings());
        var pipeline = new FacePipeline(embedder.Id, embedder.Embed, enhancer.Id, enhancer.Enhance);
        CalibrationReport measured = new PolicyCalibration(pipeline, EvaluationAlignment.Fixed(null)).Run(
            IdentificationProtocol.Create("start", people), new() { Far = Far }, progress: null, cancellation);
        return new InstalledModel(manifest.With(Enhancing(measured.Policy)), Name, onnx);
    }

    // All small faces are enhanced, even if that does not help: only an enhanced face has a picture, and the check compares pictures.
    private static RecognitionPolicy Enhancing(RecognitionPolicy measured) => new(measured.Recogniser, measured.Far, measured.Bands.Select(
        band =>
        {
            bool enhance = band.Band.MinHeight < SteadyLoad.LargestSide;
            return new BandPolicy(band.Band, enhance, band.ThresholdFor(enhance));
        }));
}
