namespace IpuNet.Contract;

/// <summary>
/// The names of the containers, queues and blobs. They are the contract between the parts of the service and with its users.
/// </summary>
public static class StorageNames
{
    /// <summary>Container of the uploads: <c>{batch}/{file}</c>.</summary>
    public const string Uploads = "uploads";

    /// <summary>Container of the results and answers.</summary>
    public const string Results = "results";

    /// <summary>Container of the galleries.</summary>
    public const string Galleries = "galleries";

    /// <summary>Container of the models.</summary>
    public const string Models = "models";

    /// <summary>Container of the images for retraining: <c>{identity}/{file}</c>.</summary>
    public const string Training = "training";

    /// <summary>
    /// First folder of <see cref="Training"/> for the fixed evaluation set: <c>_fixed/{identity}/{file}</c>. It is never used for training.
    /// </summary>
    public const string FixedEvaluation = "_fixed";

    /// <summary>Queue of the images to be recognised.</summary>
    public const string FaceBatches = "face-batches";

    /// <summary>Queue of enrolment jobs.</summary>
    public const string Enrolments = "enrolments";

    /// <summary>
    /// Queue of checked enrolment jobs. Only the service writes to it; users send jobs to <see cref="Enrolments"/>.
    /// </summary>
    public const string CheckedEnrolments = "enrolments-checked";

    /// <summary>Queue of retraining jobs.</summary>
    public const string Retraining = "retraining";

    /// <summary>Queue for uploads that the Functions host failed to handle each time. The host chooses the name.</summary>
    public const string FailedUploads = "webjobs-blobtrigger-poison";

    /// <summary>The suffix of a poison queue's name.</summary>
    public const string PoisonSuffix = "-poison";

    /// <summary>First folder of <see cref="Results"/> for poison entries. No batch may have this name.</summary>
    public const string Poison = "poison";

    /// <summary>All containers.</summary>
    public static IReadOnlyList<string> Containers { get; } = [Uploads, Results, Galleries, Models, Training];

    /// <summary>All queues, without their poison queues.</summary>
    public static IReadOnlyList<string> Queues { get; } = [FaceBatches, Enrolments, CheckedEnrolments, Retraining];

    /// <summary>First folders of <see cref="Uploads"/> and <see cref="Results"/> that are not batches.</summary>
    public static IReadOnlyList<string> ReservedBatches { get; } = [Enrolments, Retraining, Poison];

    /// <summary>The queue that users send a queue's messages to. It differs if the service forwards the messages.</summary>
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

    /// <summary>The report of a batch, in <see cref="Results"/>.</summary>
    public static string Report(string batch) => $"{batch}/report.html";

    /// <summary>The marker that makes a folder of <see cref="Galleries"/> a gallery.</summary>
    public static string Gallery(string gallery) => $"{gallery}/gallery.json";

    /// <summary>The stamp of a gallery, in <see cref="Galleries"/>. Every change of the gallery changes it.</summary>
    public static string GalleryStamp(string gallery) => $"{gallery}/index/stamp.json";

    /// <summary>The prefix of all subjects of a gallery, in <see cref="Galleries"/>.</summary>
    public static string Subjects(string gallery) => $"{gallery}/subjects/";

    /// <summary>A subject, in <see cref="Galleries"/>.</summary>
    public static string Subject(string gallery, string subjectId) => $"{Subjects(gallery)}{subjectId}.json";

    /// <summary>The prefix of all kept faces of a subject, in <see cref="Galleries"/>.</summary>
    public static string Crops(string gallery, string subjectId) => $"{gallery}/crops/{subjectId}/";

    /// <summary>The tombstone of a subject: when it was last deleted, in <see cref="Galleries"/>.</summary>
    /// <param name="gallery">The gallery.</param>
    /// <param name="idSha256">SHA-256 of the subject's id, lower-case hexadecimal. The hash hides who was deleted.</param>
    public static string Tombstone(string gallery, string idSha256) => $"{gallery}/deleted/{idSha256}.json";

    /// <summary>The models in use, in <see cref="Models"/>.</summary>
    public const string CurrentModels = "current.json";

    /// <summary>All past contents of <see cref="CurrentModels"/>, one per line, in <see cref="Models"/>.</summary>
    public const string ModelHistory = "history.jsonl";

    /// <summary>A file of a model, in <see cref="Models"/>.</summary>
    /// <param name="id">The model's id, "name@version".</param>
    /// <param name="file">The file's name.</param>
    public static string ModelFile(string id, string file) => $"{ModelId.NameOf(id)}/{ModelId.VersionOf(id)}/{file}";

    /// <summary>The poison entry of a message, in <see cref="Results"/>.</summary>
    public static string PoisonEntry(string queue, string messageId) => $"{Poison}/{queue}/{messageId}.json";

    /// <summary>A message that is too large for a queue, in <see cref="Results"/>.</summary>
    /// <param name="batch">The batch; the queue if the message belongs to no batch.</param>
    /// <param name="sha256">SHA-256 of the message's bytes, lower-case hexadecimal.</param>
    public static string LargeMessage(string batch, string sha256) => $"{batch}/messages/{sha256}.json";

    /// <summary>The answer to an enrolment job, in <see cref="Results"/>.</summary>
    public static string EnrolmentAnswer(string jobId) => $"{Enrolments}/{jobId}.json";

    /// <summary>
    /// The record of the traces that a deletion intends to remove, in <see cref="Results"/>. It exists until the deletion has its answer.
    /// </summary>
    public static string IntendedRemoval(string jobId) => $"{Enrolments}/removals/{jobId}.json";

    /// <summary>The blob of <see cref="Results"/> for the training lease. Only the holder of the lease may train.</summary>
    public const string TrainingLease = $"{Retraining}/lease";

    /// <summary>The file with the starting state of a training.</summary>
    public const string RetrainingState = "state.json";

    /// <summary>A file of a running training, in <see cref="Results"/>.</summary>
    public static string RetrainingFile(string jobId, string file) => $"{Retraining}/{jobId}/{file}";

    /// <summary>The answer to a retraining job, in <see cref="Results"/>.</summary>
    public static string RetrainingAnswer(string jobId) => $"{Retraining}/{jobId}.json";

    /// <summary>The report of a retraining, in <see cref="Results"/>.</summary>
    public static string RetrainingReport(string jobId) => $"{Retraining}/{jobId}.html";

    /// <summary>Folder of <see cref="Results"/> for <see cref="HiddenIdentity"/>. No job may have this name.</summary>
    public const string HiddenIdentities = $"{Retraining}/_deleted/";

    /// <summary>The marker that hides a person in all retraining reports, in <see cref="Results"/>.</summary>
    /// <param name="mark">SHA-256 of the identity, lower-case hexadecimal. The hash hides who was deleted.</param>
    public static string HiddenIdentity(string mark) => $"{HiddenIdentities}{mark}.json";
}
