using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Galleries;
using IpuNet.Service.Registry;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Models;

/// <summary>
/// Makes a worker run the models that storage names as in use. New models are loaded, checked and warmed beside the running ones; only then
/// they replace them. If they cannot be used, the worker keeps its present models. A new recogniser waits until every gallery is
/// re-embedded.
/// </summary>
/// <param name="registry">The models in storage.</param>
/// <param name="serving">The models that run.</param>
/// <param name="loader">Loads models.</param>
/// <param name="galleries">The galleries in memory.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs switches and failures.</param>
public sealed class ModelSwitch(
    ModelRegistry registry, ServingModels serving, ModelLoader loader, GalleryCache galleries, TimeProvider time,
    ILogger<ModelSwitch> logger) : IDisposable
{
    // Loading takes seconds of all processors, and models that cannot be loaded now will hardly load in ten seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // The number of earlier revisions that a start tries before this machine's own models.
    private const int FormerRevisions = 3;

    private readonly SemaphoreSlim _turn = new(1);
    private SeenModels? _seen;
    private CurrentModels _served = new();
    private CurrentModels? _offered;
    private long? _failedAt;
    private volatile string? _problem;

    /// <summary>Why the models that storage names do not run here; null if they do.</summary>
    public string? Problem => _problem;

    /// <summary>
    /// Loads the models that storage names as in use. If they cannot be used, loads those of earlier revisions, and finally this machine's
    /// own. If models run already, checks for a switch.
    /// </summary>
    /// <exception cref="FaceDataException">No models can be used.</exception>
    public async Task BeginAsync(CancellationToken cancellation)
    {
        if (serving.IsEmpty && !await TryBeginAsync(cancellation).ConfigureAwait(false))
            Use(new CurrentModels(), await loader.LoadAsync(new CurrentModels(), cancellation).ConfigureAwait(false));
        await LookAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads which models storage names as in use. Switches to them if they differ and are ready. Throws nothing but cancellation.
    /// </summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            SeenModels? seen = await registry.CurrentSinceAsync(_seen, cancellation).ConfigureAwait(false);
            if (!ReferenceEquals(seen, _seen))
                (_seen, _failedAt) = (seen, null);
            if (_failedAt is { } at && time.GetElapsedTime(at) < Patience)
                return;
            await TryFollowAsync(seen is null ? new CurrentModels() : IdsOf(seen.Models), cancellation).ConfigureAwait(false);
        }
        catch (FaceDataException damaged)
        {
            // The damaged file tells nothing about its models, so the next readable version counts as new.
            (_seen, _failedAt) = (null, null);
            Fail(damaged);
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            // Storage may be unreachable. The next check tries again.
            logger.CannotLook(error);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task TryFollowAsync(CurrentModels wanted, CancellationToken cancellation)
    {
        try
        {
            await FollowAsync(wanted, cancellation).ConfigureAwait(false);
        }
        catch (FaceDataException error)
        {
            Fail(error);
            _failedAt = time.GetTimestamp();
        }
    }

    private async Task FollowAsync(CurrentModels wanted, CancellationToken cancellation)
    {
        if (wanted == _served)
        {
            serving.Withdraw();
            (_offered, _problem) = (null, null);
            return;
        }

        if (_offered != wanted)
        {
            serving.Offer(await loader.LoadAsync(wanted, cancellation).ConfigureAwait(false));
            _offered = wanted;
        }

        using ModelLease next = serving.BorrowNext();
        if (await galleries.FindUnreadyAsync(next.Models.Source, cancellation).ConfigureAwait(false) is { Count: > 0 } unready)
        {
            Wait(next.Models, unready);
            return;
        }

        await galleries.WarmAsync(next.Models.Source, next.Models.Embedder!.Dimensions, cancellation).ConfigureAwait(false);
        serving.Switch();
        (_served, _offered, _problem) = (wanted, null, null);
        ModelMetrics.Looked("switched");
        logger.Switched(next.Models.Description);
    }

    // At a start there are no present models to keep, so the models of earlier revisions are tried.
    private async Task<bool> TryBeginAsync(CancellationToken cancellation)
    {
        foreach (CurrentModels wanted in await CandidatesAsync(cancellation).ConfigureAwait(false))
        {
            try
            {
                PipelineModels models = await loader.LoadAsync(wanted, cancellation).ConfigureAwait(false);
                if (await galleries.FindUnreadyAsync(models.Source, cancellation).ConfigureAwait(false) is { Count: > 0 } unready)
                {
                    Wait(models, unready);
                    models.Dispose();
                    continue;
                }

                Use(wanted, models);
                return true;
            }
            catch (FaceDataException error)
            {
                Fail(error);
            }
        }

        return false;
    }

    private async Task<IReadOnlyList<CurrentModels>> CandidatesAsync(CancellationToken cancellation)
    {
        try
        {
            IReadOnlyList<CurrentModels> history = await registry.HistoryAsync(cancellation).ConfigureAwait(false);
            return [.. history.Reverse().Select(IdsOf).Distinct().Take(1 + FormerRevisions)];
        }
        catch (FaceDataException error)
        {
            Fail(error);
            return [];
        }
    }

    private void Use(CurrentModels ids, PipelineModels models)
    {
        serving.Offer(models);
        serving.Switch();
        _served = ids;
    }

    private void Wait(PipelineModels models, IReadOnlyList<string> unready)
    {
        _problem = $"{models.Description} wait until {(unready.Count == 1 ? "the gallery" : "the galleries")} {string.Join(", ", unready)} "
            + $"{(unready.Count == 1 ? "is" : "are")} re-embedded: run `ipunet gallery reembed`.";
        ModelMetrics.Looked("waiting");
        logger.Waiting(models.Description, unready.Count);
    }

    private void Fail(FaceDataException error)
    {
        _problem = error.Message;
        ModelMetrics.Looked("failed");
        logger.Failed(error);
    }

    private static CurrentModels IdsOf(CurrentModels models) => models with { Change = null };
}
