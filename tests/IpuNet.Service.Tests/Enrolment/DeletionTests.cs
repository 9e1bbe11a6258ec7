using System.Runtime.InteropServices;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.Service.Galleries;
using IpuNet.Service.Tests.Recognition;

namespace IpuNet.Service.Tests.Enrolment;

public sealed class DeletionTests(AzuriteFixture azurite, ShippedModels shipped)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ExecuteAsync_OfADeletion_LeavesNoTraceInAnyBlob()
    {
        EnrolmentRig rig = await RigAsync();
        byte[] replaced = EnrolmentRig.Face(1), small = EnrolmentRig.Face(2, side: 20), bobs = EnrolmentRig.Face(9),
        probe = EnrolmentRig.Face(3, side: 64);
        byte[][] pictures = [EnrolmentRig.Face(3), EnrolmentRig.Face(4), EnrolmentRig.Face(5)];
        await rig.EnrolAsync("1", "ada", EnrolmentAction.Add, replaced);
        byte[] former = BytesOf((await rig.FindAsync("ada"))!).Single();
        await rig.EnrolAsync("2", "ada", EnrolmentAction.Replace, pictures[0], small);
        await rig.EnrolAsync("3", "ada", EnrolmentAction.Add, pictures[1]);
        await rig.EnrolAsync("4", "ada", EnrolmentAction.Add, pictures[2], pictures[0]);
        await rig.EnrolAsync("5", "bob", EnrolmentAction.Add, bobs);
        await RecogniseAsync(rig, probe);
        byte[] adasStrip = EnrolmentRig.Face(11), bobsStrip = EnrolmentRig.Face(12);
        await ShowAsync(rig, ("ada", adasStrip), ("bob", bobsStrip));
        byte[][] embeddings = BytesOf((await rig.FindAsync("ada"))!), bobsEmbeddings = BytesOf((await rig.FindAsync("bob"))!);
        var traces = new Traces(rig.Account);

        // The traces must exist before, or their absence later would prove nothing.
        embeddings.Length.ShouldBe(3);
        foreach (byte[] embedding in embeddings)
            (await traces.OfAsync(embedding)).ShouldBe(["galleries/staff/subjects/ada.json"]);
        foreach (byte[] picture in pictures)
            (await traces.OfAsync(picture)).ShouldHaveSingleItem().ShouldStartWith("uploads/enrolments/");
        byte[][] crops = [.. pictures.Select(CropOf)];
        // There are two if the second and the third job were sent in the same second of the storage clock: the former copy then stays with
        // the third job's face.
        int copies = 0;
        foreach (byte[] crop in crops)
        {
            IReadOnlyList<string> places = await traces.OfAsync(crop);
            places.Count.ShouldBeInRange(1, 2);
            places.ShouldAllBe(name => name.StartsWith("galleries/staff/crops/ada/", StringComparison.Ordinal));
            copies += places.Count;
        }

        (await traces.OfAsync(adasStrip)).ShouldBe(["results/retraining/r.html"]);
        // These are gone already: one was replaced, the other never enrolled.
        foreach (byte[] gone in (byte[][])[former, replaced, CropOf(replaced), small, CropOf(small)])
            (await traces.OfAsync(gone)).ShouldBeEmpty();

        EnrolmentAnswer answer = await rig.EnrolAsync("6", "ada", EnrolmentAction.Delete);

        (answer.Status, answer.Embeddings).ShouldBe((EnrolmentStatus.Ok, 0));
        (answer.Removed!.Embeddings, answer.Removed.Pictures, answer.Removed.Crops, answer.Removed.Strips).ShouldBe((3, 3, copies, 1));
        foreach (byte[] data in (byte[][])[.. embeddings, .. pictures, .. crops, adasStrip])
            (await traces.OfAsync(data)).ShouldBeEmpty();
        (await traces.OfAsync(bobsEmbeddings[0])).ShouldBe(["galleries/staff/subjects/bob.json"]);
        (await traces.OfAsync(bobs)).ShouldBe(["uploads/enrolments/5/01.png"]);
        (await traces.OfAsync(bobsStrip)).ShouldBe(["results/retraining/r.html"]);
    }

    [Theory]
    [InlineData(EnrolmentAction.Delete)]
    [InlineData(EnrolmentAction.Replace)]
    public async Task ExecuteAsync_OfASubjectEnrolledFromAnotherNamesImages_RemovesTheStripsOfThatName(EnrolmentAction action)
    {
        EnrolmentRig rig = await RigAsync();
        byte[] strip = EnrolmentRig.Face(11);
        await rig.SendAsync(
            "1", EnrolmentAction.Add, "ada", await rig.PutAsync(StorageNames.Training, "person-7/1.png", EnrolmentRig.Face(1)));
        await rig.RunAsync();
        await ShowAsync(rig, ("person-7", strip));
        var traces = new Traces(rig.Account);
        (await traces.OfAsync(strip)).ShouldBe(["results/retraining/r.html"]);

        await rig.EnrolAsync("2", "ada", action, action == EnrolmentAction.Replace ? [EnrolmentRig.Face(2)] : []);
        IReadOnlyList<string> left = await traces.OfAsync(strip);
        await ShowAsync(rig, ("person-7", strip));
        IReadOnlyList<string> shownLater = await traces.OfAsync(strip);

        left.ShouldBeEmpty();
        shownLater.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task OfAsync_OfBytesInBase64_FindsThemWhereverTheyBegin(int before)
    {
        EnrolmentRig rig = await RigAsync();
        byte[] data = EnrolmentRig.Face(1);
        string text = $"data:{Convert.ToBase64String([.. new byte[before], .. data, 7])}";
        await rig.PutAsync(StorageNames.Results, "b/report.html", System.Text.Encoding.ASCII.GetBytes(text));

        (await new Traces(rig.Account).OfAsync(data)).ShouldBe(["results/b/report.html"]);
        (await new Traces(rig.Account).OfAsync(EnrolmentRig.Face(2))).ShouldBeEmpty();
    }

    [Fact]
    public async Task ExecuteAsync_OfADeletionOfNobody_IsDone()
    {
        EnrolmentAnswer answer = await (await RigAsync()).EnrolAsync("1", "nobody", EnrolmentAction.Delete);

        (answer.Status, answer.Embeddings).ShouldBe((EnrolmentStatus.Ok, 0));
        (answer.Removed!.Embeddings, answer.Removed.Pictures).ShouldBe((0, 0));
    }

    [Fact]
    public async Task ExecuteAsync_OfADeletion_SaysWhichImagesForRetrainingAreLeft()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.SendAsync("1", EnrolmentAction.Add, "ada", await rig.PutAsync(StorageNames.Training, "ada/1.png", EnrolmentRig.Face(1)));
        await rig.RunAsync();

        EnrolmentAnswer answer = await rig.EnrolAsync("2", "ada", EnrolmentAction.Delete);

        answer.Removed!.TrainingImages.ShouldBe(["training/ada/1.png"]);
        (await rig.BlobsAsync(StorageNames.Training)).ShouldBe(["ada/1.png"]);
    }

    [Fact]
    public async Task ExecuteAsync_OfAnAdditionThatComesAgainAfterADeletion_BringsNobodyBack()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.SendAsync("1", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1));
        await rig.RunWithoutEndAsync();
        await rig.Account.Container(StorageNames.Results)
            .DeleteBlobAsync(StorageNames.EnrolmentAnswer("1"), cancellationToken: Cancellation);
        await new BlobGallery(
            rig.Account, EnrolmentRig.Gallery, TimeProvider.System).DeleteAsync("ada", DateTimeOffset.UtcNow, Cancellation);

        await rig.RunAsync();

        EnrolmentAnswer answer = await rig.AnswerAsync("1");
        (answer.Status, answer.Reason).ShouldBe(
            (EnrolmentStatus.Refused, "The subject was deleted after this job was sent; send it again."));
        (await rig.FindAsync("ada")).ShouldBeNull();
        (await rig.BlobsAsync(StorageNames.Uploads)).ShouldBeEmpty();
    }

    [Fact]
    public async Task ExecuteAsync_OfADeletionThatComesAgainAfterAnAddition_KeepsWhoWasEnrolledSince()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.EnrolAsync("1", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1));
        await rig.SendAsync("2", EnrolmentAction.Delete, "ada");
        await rig.RunWithoutEndAsync();
        await rig.Account.Container(StorageNames.Results)
            .DeleteBlobAsync(StorageNames.EnrolmentAnswer("2"), cancellationToken: Cancellation);

        // The storage clock counts in seconds.
        await Task.Delay(TimeSpan.FromSeconds(1.1), Cancellation);
        EnrolmentAnswer added = await rig.EnrolAsync("3", "ada", EnrolmentAction.Add, EnrolmentRig.Face(2));

        (added.Status, added.Embeddings).ShouldBe((EnrolmentStatus.Ok, 1), added.Reason);
        (await rig.AnswerAsync("2")).Status.ShouldBe(EnrolmentStatus.Ok);
        (await rig.FindAsync("ada"))!.Embeddings.ShouldHaveSingleItem().Provenance.Image.ShouldBe("uploads/enrolments/3/01.png");
    }

    // The aligned face that the gallery keeps of a picture that is a crop.
    private byte[] CropOf(byte[] picture)
    {
        var locator = new FaceLocator(shipped.Models.Detector, shipped.Models.Straightener);
        return ImageEncoder.EncodePng(locator.Locate([ImageDecoder.Decode(picture, "picture")], FaceDetectionMode.Auto)[0][0].Aligned);
    }

    private static byte[][] BytesOf(SubjectRecord subject) =>
        [.. subject.Embeddings.Select(face => MemoryMarshal.AsBytes(face.Vector.AsSpan()).ToArray())];

    /// <summary>A retraining report that shows people.</summary>
    internal static HtmlPage PageOf(params IEnumerable<(string Identity, byte[] Strip)> people) =>
        new HtmlPage("Retraining").Pictures(people.Select(
            person => new ReportPicture(person.Strip, "image/png", "A face", Mark: PictureMarks.Of(person.Identity))));

    private static Task ShowAsync(EnrolmentRig rig, params (string Identity, byte[] Strip)[] people) =>
        new RetrainingPages(rig.Account, TimeProvider.System).WriteAsync("r", PageOf(people), Cancellation);

    // Writes results of a batch, with pictures and a report.
    private async Task RecogniseAsync(EnrolmentRig rig, byte[] probe)
    {
        var recognition = new RecognitionRig(rig.Account, shipped.Models);
        string image = await recognition.UploadAsync("b", "1.png", probe);
        await recognition.SendAsync(new FaceBatchMessage { BatchId = "b", Gallery = EnrolmentRig.Gallery, Images = [image] });
        await recognition.RunAsync();
        (await recognition.ResultAsync("b", "1.png")).Faces[0].Matches[0].SubjectId.ShouldBe("ada");
    }

    private async Task<EnrolmentRig> RigAsync() => new(await azurite.NewAccountAsync(), shipped.Models);
}
