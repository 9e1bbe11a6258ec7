using IpuNet.Contract;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;
using IpuNet.Service.Tests.Recognition;

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
