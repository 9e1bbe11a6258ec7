using System.IO.Compression;
using System.Text;
using System.Text.Json;
using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Galleries;
using IpuNet.Service.Intake;
using IpuNet.Service.Queues;
using IpuNet.Service.Reports;
using IpuNet.Service.Retraining;

namespace IpuNet.Service.Tests.Queues;

/// <summary>Data from queues and storage, damaged in any way.</summary>
public sealed class DamagedMessagesTests
{
    private static readonly byte[] Batch = JobSerializer.Write(new FaceBatchMessage
    {
        BatchId = "cam-7",
        Gallery = "default",
        Images = ["uploads/cam-7/1.png"],
        Faces = FaceDetectionMode.Crop,
        SentAt = DateTimeOffset.UnixEpoch,
    });

    private static readonly byte[] Enrolment = JobSerializer.Write(new EnrolmentMessage
    {
        JobId = "j",
        Gallery = "default",
        SubjectId = "ada",
        Action = EnrolmentAction.Replace,
        Images = ["uploads/enrolments/j/1.png"],
    });

    private static readonly byte[] Retraining = JobSerializer.Write(
        new RetrainingMessage { JobId = "7", Experiment = "default", Traceparent = "00-0-0-00" });
    private static readonly byte[] Reference = JobSerializer.Write(
        new MessageReference { Reference = $"results/b/messages/{new string('0', 64)}.json" });

    [Fact]
    public void Messages_Damaged_AreReadAndWrittenAgainOrRefused() => Mutations.Survive(
        [Batch, Enrolment, Retraining, Reference],
        json =>
        {
            Attempt<FaceBatchMessage>(json);
            Attempt<EnrolmentMessage>(json);
            Attempt<RetrainingMessage>(json);
            Attempt<MessageReference>(json);
            _ = (JobSerializer.IsReference(json), JobSerializer.Traceparent(json), JobSerializer.SentAt(json), JobSerializer.JobIdOf(json));
            _ = WireMessage.Show(Encoding.Latin1.GetString(json));
        },
        _ => false);

    [Fact]
    public void StoredAnswers_Damaged_AreReadAndWrittenAgainOrRefused()
    {
        var at = DateTimeOffset.UnixEpoch;
        Survive(
            new EnrolmentAnswer
            {
                JobId = "j",
                Status = EnrolmentStatus.Ok,
                Action = EnrolmentAction.Add,
                SentAt = at,
                FinishedAt = at,
                Images = [new EnrolledImage("a.png", true, null, new(80, 100))],
            }.ToJson(),
            json => EnrolmentAnswer.FromJson(json, "answer").ToJson());
        Survive(
            new RetrainingAnswer { JobId = "7", Status = default, SentAt = at, FinishedOn = at }.ToJson(),
            json => RetrainingAnswer.FromJson(json, "answer").ToJson());
        Survive(
            new PoisonEntry { Queue = "q", MessageId = "1", Category = "json", Reason = "r", Body = "{" }.ToJson(),
            json => PoisonEntry.FromJson(json, "entry").ToJson());
        Survive(
            new RetrainingState { JobId = "7", Experiment = "default", StartedOn = at, BaseRevision = 0, Candidate = "ipunet@4" }.ToJson(),
            json => RetrainingState.FromJson(json, "state").ToJson());
        Survive(
            GalleryJson.Write(new Tombstone { DeletedAt = at }),
            json => GalleryJson.Write(GalleryJson.ReadTombstone(new BinaryData(json), "deleted")));
    }

    [Fact]
    public void ReportedResults_Damaged_AreReadOrReportedAsDamaged()
    {
        byte[] summary = """
            {"schema":1,"batchId":"b","images":{"total":1,"ok":1,"noFace":0,"rejected":0,"failed":0},
             "faces":{"total":1,"known":1,"unknown":0},
             "results":[{"image":"uploads/b/1.png","status":"ok","faces":1,"known":1}],"archives":[]}
            """u8.ToArray();
        byte[] archive = """
            {"schema":1,"batchId":"b","image":"uploads/b/1.zip","status":"rejected","reason":"none",
             "entries":{"accepted":0,"skipped":1,"refused":[{"name":"x","reason":"y"}]}}
            """u8.ToArray();

        Mutations.Survive([summary], json => BatchSummary.FromJson(json), error => error is JsonException);
        Mutations.Survive([archive, summary], json => StoredResult.FromJson(json, "1.zip.json"), _ => false);
    }

    [Fact]
    public void FacePack_Damaged_IsReadOrRefused() => Survive(
        FacePack.Write(new Dictionary<string, byte[]> { ["ab"] = [1, 2, 3], ["cd"] = [4, 5] }, "pack"),
        pack => FacePack.Read(pack, "pack"));

    [Fact]
    public void UploadName_OfAnyText_IsTakenApartOrRefused() => Gen.String.Sample(text =>
    {
        foreach (string name in (string[])[text, $"b/{text}", $"b/{text}/{text}.png"])
        {
            UploadName? parsed = UploadName.Parse(name, out string? fault);
            (parsed is null).ShouldBe(fault is not null);
            parsed?.Blob.ShouldBe(name);
            UploadName.Shown(name).ShouldAllBe(c => !char.IsControl(c));
        }
    });

    [Fact]
    public void ArchiveEntryRule_OfEntriesWithAnyName_TakesNoneThatLeavesItsFolder() =>
        Gen.Select(OneOf("", "/", "../", "a/../", "C:", "\\", "//", "./"), Gen.String[0, 20], OneOf(".png", ".zip", "", ".PNG")).Array[1, 5]
            .Sample(names =>
        {
            using var file = new MemoryStream();
            using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (var (folder, name, extension) in names)
                {
                    string full = $"{folder}{name}{extension}".Replace('\0', '_');
                    using Stream entry = zip.CreateEntry(full.Length > 0 ? full : "_").Open();
                    entry.WriteByte(1);
                }
            }

            using var read = new ZipArchive(file, ZipArchiveMode.Read);
            var rule = new ArchiveEntryRule("a.zip", new UploadLimits());
            string[] taken =
            [
                .. from entry in read.Entries
                   let name = ArchiveEntryRule.NameOf(entry)
                   where !ArchiveEntryRule.IsSkipped(name) && rule.FaultOf(entry, name) is null
                   select name,
            ];
            taken.ShouldBeUnique();
            foreach (string name in taken)
            {
                name.ShouldNotContain('\\');
                name.Split('/').ShouldAllBe(segment => segment.Length > 0 && segment != "." && segment != "..");
                UploadName.Parse($"b/a.zip/{name}", out _).ShouldNotBeNull();
            }
        });

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static void Attempt<T>(byte[] json)
        where T : JobMessage
    {
        try
        {
            JobSerializer.Write(JobSerializer.Read<T>(json));
        }
        catch (JobRefusedException)
        {
        }
    }

    private static void Survive(byte[] file, Action<byte[]> read) => Mutations.Survive([file], read, error => error is FaceDataException);
}
