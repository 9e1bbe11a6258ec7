using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Reembedding;
using IpuNet.Service.Models;
using IpuNet.Service.Reembedding;
using IpuNet.Service.Storage;
using IpuNet.Service.Tests.Enrolment;
using IpuNet.Service.Tests.Models;
using IpuNet.Service.Tests.Recognition;

namespace IpuNet.Service.Tests.Reembedding;

/// <summary>A worker with a gallery embedded by its recogniser, and another recogniser that is to replace it.</summary>
internal sealed class ReembeddingRig : IDisposable
{
    private readonly ModelLease _lease;

    private ReembeddingRig(SwitchRig models)
    {
        Models = models;
        _lease = models.Serving.Borrow();
        Enrolment = new EnrolmentRig(models.Account, _lease.Models) { Serving = models.Serving, Switch = models.Switch };
    }

    public SwitchRig Models { get; }

    public EnrolmentRig Enrolment { get; }

    public EmbeddingSource Former => _lease.Models.Source;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<ReembeddingRig> StartAsync(StorageAccount account) => new(await SwitchRig.StartAsync(account));

    /// <summary>Enrols subjects "p01" and so on, each from its own face.</summary>
    public async Task EnrolAsync(int subjects)
    {
        for (int i = 1; i <= subjects; i++)
            await Enrolment.SendAsync($"job-{i}", IdOf(i), EnrolmentAction.Add, EnrolmentRig.Face(i));
        await Enrolment.RunAsync();
    }

    public static string IdOf(int subject) => $"p{subject:00}";

    /// <summary>Puts the other recogniser in use. Workers wait for the galleries.</summary>
    public async Task PromoteAsync()
    {
        await Models.Registry.PromoteAsync(SwitchRig.ForNewRecogniser, SwitchRig.PoolingFiner);
        await Models.Switch.LookAsync(Cancellation);
    }

    /// <summary>Re-embeds the gallery with the models that are to be used next.</summary>
    public async Task<ReembeddingReport> RunAsync(
        Func<ReembeddingProgress, ValueTask>? progress = null, CancellationToken? stop = null, ReembeddingRequest? request = null)
    {
        using ModelLease next = Models.Serving.BorrowNext();
        return await new GalleryReembedding(Models.Account, next.Models, Enrolment.Options, TimeProvider.System)
            .RunAsync(EnrolmentRig.Gallery, request ?? new(), progress, stop ?? Cancellation);
    }

    public async Task<EnrolmentAnswer> RunJobAsync(string job, bool leaveBehind = false)
    {
        await Enrolment.SendReembeddingAsync(job, leaveBehind);
        await Enrolment.RunAsync();
        return await Enrolment.AnswerAsync(job);
    }

    /// <summary>Identifies a face with the running models.</summary>
    public async Task<string?> WhoIsAsync(string file, int person)
    {
        var recognition = new RecognitionRig(Models.Account, _lease.Models) { Serving = Models.Serving };
        string image = await recognition.UploadAsync("b", file, EnrolmentRig.Face(person));
        await recognition.SendAsync(new FaceBatchMessage { BatchId = "b", Gallery = EnrolmentRig.Gallery, Images = [image] });
        await recognition.RunAsync();
        var face = (await recognition.ResultAsync("b", file)).Faces[0];
        return face.Matches is [var best, ..] ? best.SubjectId : null;
    }

    public void Dispose()
    {
        _lease.Dispose();
        Models.Dispose();
    }
}
