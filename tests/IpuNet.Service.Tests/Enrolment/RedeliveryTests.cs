using IpuNet.Service.Enrolment;
using IpuNet.Service.Messages;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Service.Tests.Recognition;

namespace IpuNet.Service.Tests.Enrolment;

/// <summary>A job whose worker was killed answers what it did as a whole, whichever request was the last.</summary>
[Collection(RecognitionConsumerTests.Collection)]
public sealed class RedeliveryTests(AzuriteFixture azurite, ShippedModels shipped)
{
    // More than a job of one or two pictures sends.
    private const int MostRequests = 60;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EnrolmentAction.Add)]
    [InlineData(EnrolmentAction.Replace)]
    [InlineData(EnrolmentAction.Delete)]
    public async Task HandleAsync_KilledAfterAnyRequestAndDeliveredAgain_AnswersWhatTheJobDid(EnrolmentAction action)
    {
        StorageOptions options = await azurite.NewOptionsAsync();
        var account = new StorageAccount(options);
        await account.CreateAllAsync(Cancellation);
        var rig = new EnrolmentRig(account, shipped.Models);
        bool isKilled = true;
        int requests = 0;
        for (; isKilled; requests += action == EnrolmentAction.Delete ? 1 : 2)
        {
            requests.ShouldBeLessThan(MostRequests);
            string subject = $"s{requests}", job = $"{action}-{requests}";
            await rig.EnrolAsync($"first-{requests}", subject, EnrolmentAction.Add, EnrolmentRig.Face(1), EnrolmentRig.Face(2));
            await new RetrainingPages(account, TimeProvider.System).WriteAsync(job, DeletionTests.PageOf((subject, EnrolmentRig.Face(11))), Cancellation);
            await rig.SendAsync(job, subject, action, action == EnrolmentAction.Delete ? [] : [EnrolmentRig.Face(3)]);

            isKilled = await rig.RunUntilKilledAsync(options, requests);
            await rig.RunAsync();

            EnrolmentAnswer answer = await rig.AnswerAsync(job);
            string where = $"killed after {requests} requests";
            answer.Status.ShouldBe(EnrolmentStatus.Ok, where);
            answer.Embeddings.ShouldBe(action switch { EnrolmentAction.Add => 3, EnrolmentAction.Replace => 1, _ => 0 }, where);
            if (action == EnrolmentAction.Delete)
                (answer.Removed!.Embeddings, answer.Removed.Pictures, answer.Removed.Crops, answer.Removed.Strips).ShouldBe((2, 2, 2, 1), where);
            else
                answer.Images.ShouldHaveSingleItem().Accepted.ShouldBeTrue(where);
        }

        requests.ShouldBeGreaterThan(5);
        (await rig.BlobsAsync(StorageNames.Results)).ShouldAllBe(blob => !blob.StartsWith("enrolments/removals/", StringComparison.Ordinal));
    }
}
