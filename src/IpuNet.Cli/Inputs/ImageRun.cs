using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Inputs;

/// <summary>Puts images through the pipeline, shows how far it is, and reports those that cannot be used as they come.</summary>
internal static class ImageRun
{
    /// <param name="terminal">Where progress and failures are shown.</param>
    /// <param name="images">The images.</param>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="handle">Takes the results of each batch, in order.</param>
    /// <param name="quiet">Whether no progress is shown.</param>
    /// <param name="cancellation">Stops after the batch in hand.</param>
    /// <returns>How many images could not be used.</returns>
    public static Task<int> RunAsync(
        Terminal terminal, IReadOnlyList<ImageSource> images, ImagePipeline pipeline,
        Func<IReadOnlyList<ImageResult>, Task> handle, bool quiet, CancellationToken cancellation) =>
        ProgressDisplay.RunAsync(
            terminal,
            "images",
            images.Count,
            async progress =>
            {
                int done = 0, failures = 0;
                await foreach (var batch in pipeline.RunAsync(images, cancellation))
                {
                    foreach (ImageResult failed in batch.Where(result => result.Status is ImageStatus.Rejected or ImageStatus.Failed))
                    {
                        terminal.Fail($"{failed.Name}: {failed.Reason}");
                        failures++;
                    }

                    await handle(batch);
                    progress.Report(new ProgressCount(done += batch.Count));
                }

                return failures;
            },
            quiet);
}
