using System.Text;
using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Service.Tests.Telemetry;

namespace IpuNet.Service.Tests.Retraining;

public sealed class RetrainingAnswersTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Sent = new(2026, 11, 25, 1, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void ToJson_OfAnAnswer_IsTheContract()
    {
        string json = Encoding.UTF8.GetString(Answer().ToJson());

        json.ShouldBe(
            """
            {
              "schema": 1,
              "jobId": "7",
              "status": "promoted",
              "reason": "Better in 12-19.",
              "experiment": "default",
              "from": "ipunet@1",
              "candidate": "ipunet@2",
              "sentAt": "2026-11-25T01:00:00+00:00",
              "startedOn": "2026-11-25T01:01:00+00:00",
              "finishedOn": "2026-11-25T01:31:00+00:00",
              "data": {
                "images": 10,
                "identities": 3,
                "faces": 8,
                "duplicates": 2,
                "refused": {
                  "size": 1
                }
              },
              "steps": 500,
              "bands": [
                {
                  "set": "held-out",
                  "band": "12-19",
                  "probes": 40,
                  "current": {
                    "enhance": true,
                    "tar": 0.5,
                    "auc": 0.75
                  },
                  "candidate": {
                    "enhance": true,
                    "tar": 0.75,
                    "auc": 0.875
                  },
                  "tarGain": {
                    "value": 0.25,
                    "low": 0.125,
                    "high": 0.375
                  },
                  "aucGain": {
                    "value": 0.125,
                    "low": 0,
                    "high": 0.25
                  },
                  "verdict": "better"
                }
              ]
            }
            """,
            StringCompareShould.IgnoreLineEndings);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"jobId":"7"}""")]
    [InlineData("""{"jobId":"7","status":"good","sentAt":"2026-11-25T01:00:00Z","finishedOn":"2026-11-25T01:00:00Z"}""")]
    public void FromJson_OfWhatIsNone_NamesIt(string json) =>
        Should.Throw<FaceDataException>(
            () => RetrainingAnswer.FromJson(Encoding.UTF8.GetBytes(json), "the blob")).Message.ShouldStartWith("the blob");

    [Fact]
    public async Task FindAsync_OfAWrittenAnswer_IsTheSame()
    {
        var (_, answers) = await CreateSutAsync();

        await answers.WriteAsync(Answer(), Cancellation);

        (await answers.FindAsync("7", Cancellation)).ShouldNotBeNull().ToJson().ShouldBe(Answer().ToJson());
    }

    [Fact]
    public async Task WriteAsync_WhereTheJobHasItsLastWord_KeepsIt()
    {
        var (_, answers) = await CreateSutAsync();
        await answers.WriteAsync(Answer(), Cancellation);

        RetrainingAnswer present = await answers.WriteAsync(Answer() with { Status = RetrainingStatus.Failed }, Cancellation);

        present.Status.ShouldBe(RetrainingStatus.Promoted);
        (await answers.FindAsync("7", Cancellation))!.Status.ShouldBe(RetrainingStatus.Promoted);
    }

    [Theory]
    [InlineData(RetrainingStatus.Failed, 0)]
    [InlineData(RetrainingStatus.Kept, 1)]
    public async Task WriteAsync_AfterAFailureOrForAJobThatWasSentAgain_ReplacesTheAnswer(RetrainingStatus former, int secondsLater)
    {
        var (_, answers) = await CreateSutAsync();
        await answers.WriteAsync(Answer() with { Status = former }, Cancellation);

        await answers.WriteAsync(Answer() with { SentAt = Sent.AddSeconds(secondsLater) }, Cancellation);

        (await answers.FindAsync("7", Cancellation))!.Status.ShouldBe(RetrainingStatus.Promoted);
    }

    [Fact]
    public async Task WriteAsync_OverWhatCannotBeRead_ReplacesIt()
    {
        var (account, answers) = await CreateSutAsync();
        await Blob(account, "retraining/7.json").UploadAsync(BinaryData.FromString("{"), Cancellation);
        RetrainingAnswer? before = await answers.FindAsync("7", Cancellation);

        await answers.WriteAsync(Answer(), Cancellation);

        before.ShouldBeNull();
        (await answers.FindAsync("7", Cancellation)).ShouldNotBeNull();
    }

    [Fact]
    public async Task TryCreateAsync_WhereThereIsAnAnswer_KeepsIt()
    {
        var (_, answers) = await CreateSutAsync();
        await answers.WriteAsync(Answer() with { Status = RetrainingStatus.Failed }, Cancellation);

        (await answers.TryCreateAsync(Answer(), Cancellation)).ShouldBeFalse();

        (await answers.FindAsync("7", Cancellation))!.Status.ShouldBe(RetrainingStatus.Failed);
    }

    [Fact]
    public void Done_OfAnAnswer_CountsTheJobItsTimeItsStepsAndWhatWasRefused()
    {
        using var recorder = new MeasurementRecorder();

        RetrainingMetrics.Done(Answer());

        recorder.Of("ipunet.retrainings").ShouldHaveSingleItem().Tag("status").ShouldBe("promoted");
        recorder.Of("ipunet.retraining.duration").ShouldHaveSingleItem().Value.ShouldBe(1800);
        recorder.Of("ipunet.retraining.steps").ShouldHaveSingleItem().Value.ShouldBe(500);
        recorder.Of("ipunet.retraining.refused").ShouldHaveSingleItem().Tag("category").ShouldBe("size");
    }

    private static RetrainingAnswer Answer() => new()
    {
        JobId = "7",
        Status = RetrainingStatus.Promoted,
        Reason = "Better in 12-19.",
        Experiment = "default",
        From = "ipunet@1",
        Candidate = "ipunet@2",
        SentAt = Sent,
        StartedOn = Sent.AddMinutes(1),
        FinishedOn = Sent.AddMinutes(31),
        Data = new RetrainingData(10, 3, 8, 2, new Dictionary<string, int> { ["size"] = 1 }),
        Steps = 500,
        Bands =
        [
            new RetrainedBand(
                EvaluationSet.HeldOut, "12-19", 40, new BandFigures(true, 0.5, 0.75), new BandFigures(true, 0.75, 0.875),
                new Gain(0.25, 0.125, 0.375), new Gain(0.125, 0, 0.25), BandVerdict.Better),
        ],
    };

    private static BlobClient Blob(StorageAccount account, string name) => account.Container(StorageNames.Results).GetBlobClient(name);

    private async Task<(StorageAccount Account, RetrainingAnswers Answers)> CreateSutAsync()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        return (account, new RetrainingAnswers(account, TimeProvider.System));
    }
}
