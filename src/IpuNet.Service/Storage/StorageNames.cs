using IpuNet.Faces.Models;

namespace IpuNet.Service.Storage;

/// <summary>Names of the containers, queues and blobs. They are the contract between the service's parts, and with its users.</summary>
public static class StorageNames
{
    /// <summary>Container of what users upload: <c>{batch}/{file}</c>.</summary>
    public const string Uploads = "uploads";

    /// <summary>Container of the answers.</summary>
    public const string Results = "results";

    /// <summary>Container of the galleries.</summary>
    public const string Galleries = "galleries";

    /// <summary>Container of the models.</summary>
    public const string Models = "models";

    /// <summary>Container of the images for retraining: <c>{identity}/{file}</c>.</summary>
    public const string Training = "training";

    /// <summary>First folder of <see cref="Training"/> that holds the fixed evaluation set: <c>_fixed/{identity}/{file}</c>. Nothing is learnt from it.</summary>
    public const string FixedEvaluation = "_fixed";

    /// <summary>Queue of the images to be recognised.</summary>
    public const string FaceBatches = "face-batches";

    /// <summary>Queue of the changes of galleries.</summary>
    public const string Enrolments = "enrolments";

    /// <summary>
    /// Queue of the changes of galleries that were found to make sense. Only the service writes to it; whoever wants a change sends it to
    /// <see cref="Enrolments"/>.
    /// </summary>
    public const string CheckedEnrolments = "enrolments-checked";

    /// <summary>Queue of the wishes for a new model.</summary>
    public const string Retraining = "retraining";

    /// <summary>Queue that the Functions host puts uploads into that it failed with each time. It gives it this name.</summary>
    public const string FailedUploads = "webjobs-blobtrigger-poison";

    /// <summary>What the name of a queue's twin for messages that cannot be handled ends in.</summary>
    public const string PoisonSuffix = "-poison";

    /// <summary>First folder of <see cref="Results"/> that holds reasons for poison; no batch has this name.</summary>
    public const string Poison = "poison";

    /// <summary>All containers.</summary>
    public static IReadOnlyList<string> Containers { get; } = [Uploads, Results, Galleries, Models, Training];

    /// <summary>The queues that are worked on, without their twins.</summary>
    public static IReadOnlyList<string> Queues { get; } = [FaceBatches, Enrolments, CheckedEnrolments, Retraining];

    /// <summary>First folders of <see cref="Uploads"/> and <see cref="Results"/> that are no batches.</summary>
    public static IReadOnlyList<string> ReservedBatches { get; } = [Enrolments, Retraining, Poison];

    /// <summary>The queue that messages of a queue are first sent to: another one where the service forwarded them.</summary>
    /// <param name="queue">The queue.</param>
    public static string QueueOfSenders(string queue) => queue == CheckedEnrolments ? Enrolments : queue;

    /// <summary>The result of an image, in <see cref="Results"/>.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="file">The image's name within the batch.</param>
    public static string Result(string batch, string file) => $"{batch}/{file}.json";

    /// <summary>The super-resolved picture of a face, in <see cref="Results"/>.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="file">The image's name within the batch.</param>
    /// <param name="face">The face's place in the result, from 0.</param>
    public static string FacePicture(string batch, string file, int face) => $"{batch}/{file}.face-{face}.png";

    /// <summary>The summary of a batch, in <see cref="Results"/>.</summary>
    public static string Summary(string batch) => $"{batch}/summary.json";

    /// <summary>The page about a batch, in <see cref="Results"/>.</summary>
    public static string Report(string batch) => $"{batch}/report.html";

    /// <summary>What makes a folder of <see cref="Galleries"/> a gallery.</summary>
    public static string Gallery(string gallery) => $"{gallery}/gallery.json";

    /// <summary>What is another after each change of a gallery, in <see cref="Galleries"/>.</summary>
    public static string GalleryStamp(string gallery) => $"{gallery}/index/stamp.json";

    /// <summary>What all subjects of a gallery begin with, in <see cref="Galleries"/>.</summary>
    public static string Subjects(string gallery) => $"{gallery}/subjects/";

    /// <summary>A subject, in <see cref="Galleries"/>.</summary>
    public static string Subject(string gallery, string subjectId) => $"{Subjects(gallery)}{subjectId}.json";

    /// <summary>What all kept faces of a subject begin with, in <see cref="Galleries"/>.</summary>
    public static string Crops(string gallery, string subjectId) => $"{gallery}/crops/{subjectId}/";

    /// <summary>When a subject was last deleted, in <see cref="Galleries"/>.</summary>
    /// <param name="gallery">The gallery.</param>
    /// <param name="idSha256">SHA-256 of the subject's id, lower-case hexadecimal: who was deleted is not to be read from it.</param>
    public static string Tombstone(string gallery, string idSha256) => $"{gallery}/deleted/{idSha256}.json";

    /// <summary>Which models are in use, in <see cref="Models"/>.</summary>
    public const string CurrentModels = "current.json";

    /// <summary>All that <see cref="CurrentModels"/> ever said, one a line, in <see cref="Models"/>.</summary>
    public const string ModelHistory = "history.jsonl";

    /// <summary>A file of a model, in <see cref="Models"/>.</summary>
    /// <param name="id">The model's id, "name@version".</param>
    /// <param name="file">The file's name.</param>
    public static string ModelFile(string id, string file) => $"{ModelId.NameOf(id)}/{ModelId.VersionOf(id)}/{file}";

    /// <summary>What stands beside a message that cannot be handled, in <see cref="Results"/>.</summary>
    public static string PoisonEntry(string queue, string messageId) => $"{Poison}/{queue}/{messageId}.json";

    /// <summary>A message that is too large for a queue, in <see cref="Results"/>.</summary>
    /// <param name="batch">The batch, or the queue where it belongs to none.</param>
    /// <param name="sha256">Of its bytes, lower-case hexadecimal.</param>
    public static string LargeMessage(string batch, string sha256) => $"{batch}/messages/{sha256}.json";

    /// <summary>The answer to an enrolment, in <see cref="Results"/>.</summary>
    public static string EnrolmentAnswer(string jobId) => $"{Enrolments}/{jobId}.json";

    /// <summary>Name of the blob, in <see cref="Results"/>, that says until a deletion has its answer what it set out to remove.</summary>
    public static string IntendedRemoval(string jobId) => $"{Enrolments}/removals/{jobId}.json";

    /// <summary>Whoever holds the lease of this blob of <see cref="Results"/> may train.</summary>
    public const string TrainingLease = $"{Retraining}/lease";

    /// <summary>What a training began with, among its files.</summary>
    public const string RetrainingState = "state.json";

    /// <summary>A file of a training that is under way, in <see cref="Results"/>.</summary>
    public static string RetrainingFile(string jobId, string file) => $"{Retraining}/{jobId}/{file}";

    /// <summary>The answer to a retraining, in <see cref="Results"/>.</summary>
    public static string RetrainingAnswer(string jobId) => $"{Retraining}/{jobId}.json";

    /// <summary>The page about a retraining, in <see cref="Results"/>.</summary>
    public static string RetrainingReport(string jobId) => $"{Retraining}/{jobId}.html";

    /// <summary>Folder of <see cref="Results"/> for <see cref="HiddenIdentity"/>; no job has its name.</summary>
    public const string HiddenIdentities = $"{Retraining}/_deleted/";

    /// <summary>That somebody is shown on no page about a retraining, in <see cref="Results"/>.</summary>
    /// <param name="mark">SHA-256 of the identity, lower-case hexadecimal: who was deleted is not to be read from it.</param>
    public static string HiddenIdentity(string mark) => $"{HiddenIdentities}{mark}.json";
}
