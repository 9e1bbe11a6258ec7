using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;
using IpuNet.Service.Tests.Recognition;
using IpuNet.Service.Tests.Reembedding;

namespace IpuNet.Service.Tests.Enrolment;

/// <summary>The answer to a job whose worker was killed at any request covers all that the job did.</summary>
public sealed class RedeliveryTests(AzuriteFixture azurite, ShippedModels shipped)
{
    // More requests than a job with one or two pictures sends.
    private const int MostRequests = 60;

    // Trying every request as the last one takes long, so each run tries a random selection.
    private const int Stride = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EnrolmentAction.Add)]
    [InlineData(EnrolmentAction.Replace)]
    [InlineData(EnrolmentAction.Delete)]
    public Task HandleAsync_KilledAfterAnyRequestAndDeliveredAgain_AnswersWhatTheJobDid(EnrolmentAction action) =>
        KillAsync(action, Random.Shared.Next(Stride), Stride);

    [Theory(Explicit = true)]
    [InlineData(EnrolmentAction.Add)]
    [InlineData(EnrolmentAction.Replace)]
    [InlineData(EnrolmentAction.Delete)]
    public Task HandleAsync_KilledAfterEachRequestAndDeliveredAgain_AnswersWhatTheJobDid(EnrolmentAction action) =>
        KillAsync(action, first: 0, stride: 1);

    [Fact]
    public async Task HandleAsync_OfAReembeddingKilledAfterAnyRequestAndDeliveredAgain_AnswersHowManyFacesAllAttemptsEmbedded()
    {
        const int subjects = 3;
        StorageOptions options = await azurite.NewOptionsAsync();
        var account = new StorageAccount(options);
        await account.CreateAllAsync(Cancellation);
        using ReembeddingRig rig = await ReembeddingRig.StartAsync(account);
        await rig.EnrolAsync(subjects);
        await rig.PromoteAsync();
        List<(BlobClient Blob, BinaryData Record)> before = [];
        var names = await rig.Enrolment.BlobsAsync(StorageNames.Galleries);
        foreach (string name in names.Where(name => name.Contains("/subjects/", StringComparison.Ordinal)))
        {
            BlobClient blob = account.Container(StorageNames.Galleries).GetBlobClient(name);
            before.Add((blob, (await blob.DownloadContentAsync(Cancellation)).Value.Content));
        }

        int requests = Random.Shared.Next(Stride);
        for (bool isKilled = true; isKilled; requests += Stride)
        {
            requests.ShouldBeLessThan(MostRequests);
            foreach (var (blob, record) in before)
                await blob.UploadAsync(record, overwrite: true, Cancellation);
            await rig.Enrolment.SendReembeddingAsync($"reembed-{requests}");

            isKilled = await rig.Enrolment.RunUntilKilledAsync(options, requests);
            await rig.Enrolment.RunAsync();

            EnrolmentAnswer answer = await rig.Enrolment.AnswerAsync($"reembed-{requests}");
            string where = $"killed after {requests} requests";
            (answer.Status, answer.Reembedded!.Subjects, answer.Reembedded.Faces).ShouldBe((EnrolmentStatus.Ok, subjects, subjects), where);
        }

        requests.ShouldBeGreaterThan(2 * subjects);
    }

    [Fact]
    public async Task HandleAsync_OfAReembeddingThatIsSentAgain_AnswersWhatThatOneDid()
    {
        using ReembeddingRig rig = await ReembeddingRig.StartAsync(await azurite.NewAccountAsync());
        await rig.EnrolAsync(1);
        await rig.PromoteAsync();
        (await rig.RunJobAsync("again")).Reembedded!.Faces.ShouldBe(1);

        // The storage clock counts in whole seconds.
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        EnrolmentAnswer answer = await rig.RunJobAsync("again");

        answer.Reembedded!.Faces.ShouldBe(0);
    }

    private async Task KillAsync(EnrolmentAction action, int first, int stride)
    {
        StorageOptions options = await azurite.NewOptionsAsync();
        var account = new StorageAccount(options);
        await account.CreateAllAsync(Cancellation);
        var rig = new EnrolmentRig(account, shipped.Models);
        bool isKilled = true;
        int requests = first;
        for (; isKilled; requests += stride)
        {
            requests.ShouldBeLessThan(MostRequests);
            string subject = $"s{requests}", job = $"{action}-{requests}";
            await rig.EnrolAsync($"first-{requests}", subject, EnrolmentAction.Add, EnrolmentRig.Face(1), EnrolmentRig.Face(2));
            await new RetrainingPages(
                account, TimeProvider.System).WriteAsync(job, DeletionTests.PageOf((subject, EnrolmentRig.Face(11))), Cancellation);
            await rig.SendAsync(job, subject, action, action == EnrolmentAction.Delete ? [] : [EnrolmentRig.Face(3)]);

            isKilled = await rig.RunUntilKilledAsync(options, requests);
            await rig.RunAsync();

            EnrolmentAnswer answer = await rig.AnswerAsync(job);
            string where = $"killed after {requests} requests";
            answer.Status.ShouldBe(EnrolmentStatus.Ok, where);
            answer.Embeddings.ShouldBe(action switch { EnrolmentAction.Add => 3, EnrolmentAction.Replace => 1, _ => 0 }, where);
            if (action == EnrolmentAction.Delete)
                (answer.Removed!.Embeddings, answer.Removed.Pictures, answer.Removed.Crops, answer.Removed.Strips).ShouldBe(
                    (2, 2, 2, 1), where);
            else
                answer.Images.ShouldHaveSingleItem().Accepted.ShouldBeTrue(where);
        }

        requests.ShouldBeGreaterThan(5);
        (await rig.BlobsAsync(StorageNames.Results)).ShouldAllBe(
            blob => !blob.StartsWith("enrolments/removals/", StringComparison.Ordinal));
    }
}
