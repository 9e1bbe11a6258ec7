using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Reembedding;

/// <summary>The answer to a re-embedding whose worker was killed at any request covers all that the job did.</summary>
public sealed class RedeliveryTests(AzuriteFixture azurite)
{
    // More requests than a re-embedding of a few subjects sends.
    private const int MostRequests = 60;

    // Trying every request as the last one takes long, so each run tries a random selection.
    private const int Stride = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HandleAsync_KilledAfterAnyRequestAndDeliveredAgain_AnswersHowManyFacesAllAttemptsEmbedded()
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
    public async Task HandleAsync_OfAJobThatIsSentAgain_AnswersWhatThatOneDid()
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
}
