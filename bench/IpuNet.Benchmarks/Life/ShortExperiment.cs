using IpuNet.Faces.Models;
using IpuNet.Training.Experiments;

namespace IpuNet.Benchmarks.Life;

/// <summary>A folder of models with an experiment that is shortened to minutes: what it does by the step, it does as much more often.</summary>
internal static class ShortExperiment
{
    private const int Checkpoints = 20, Warmups = 10;

    /// <param name="store">The models and experiments.</param>
    /// <param name="name">The experiment.</param>
    /// <param name="steps">Its steps.</param>
    /// <param name="folder">Gets the models in use and the experiment.</param>
    public static void Write(ModelStore store, string name, int steps, string folder)
    {
        var own = new ModelStore(folder);
        foreach (ModelKind kind in (ModelKind[])[ModelKind.Detector, ModelKind.Landmarks, ModelKind.Recogniser])
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
                // The weights' average reaches back over as large a part of the steps, and no further than a tenth.
                EmaDecay = Math.Min(schedule.EmaDecay, Math.Max(0, 1 - (double)Warmups / steps)),
            },
            Validation = experiment.Validation with { Every = steps },
        };
        Directory.CreateDirectory(Path.Combine(folder, "experiments"));
        File.WriteAllText(Path.Combine(folder, "experiments", $"{name}.json"), experiment.ToJson());
    }
}
