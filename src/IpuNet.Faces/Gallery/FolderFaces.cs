using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// The aligned faces of the subjects of a gallery in a folder, kept so that another recogniser can embed them. They are in
/// <c>{directory}/{subject}/</c>, in a <see cref="FacePack"/> for each time of enrolment. A writer must hold the lock of the subject. Packs
/// are written before the record that names them. So faces without a record come from a writer that was interrupted.
/// </summary>
/// <param name="directory">The folder of the faces of all subjects.</param>
internal sealed class FolderFaces(string directory)
{
    /// <summary>Keeps the aligned faces of embeddings.</summary>
    /// <exception cref="FaceDataException">There are too many faces of one time, or the pack of that time is damaged.</exception>
    public void Write(string subjectId, IEnumerable<(SubjectEmbedding Face, RgbImage Aligned)> faces)
    {
        foreach (var (name, own) in FacePack.Sort(faces))
        {
            string file = Path.Combine(FolderOf(subjectId), name);
            Dictionary<string, byte[]> present = Read(file) ?? [];
            foreach (var (content, png) in present)
                own.TryAdd(content, png);
            if (own.Count > present.Count)
                Write(file, own);
            Overwrite(own);
        }
    }

    /// <summary>Finds the aligned faces of embeddings of a subject. Those that were not kept are left out.</summary>
    /// <exception cref="FaceDataException">A pack or a face in it is damaged.</exception>
    public IReadOnlyDictionary<SubjectEmbedding, RgbImage> Find(string subjectId, IEnumerable<SubjectEmbedding> faces)
    {
        var found = new Dictionary<SubjectEmbedding, RgbImage>();
        foreach (var pack in faces.GroupBy(FacePack.NameOf, StringComparer.Ordinal))
        {
            string file = Path.Combine(FolderOf(subjectId), pack.Key);
            if (Read(file) is not { } read)
                continue;
            foreach (var (face, aligned) in FacePack.Find(read, file, pack))
                found.Add(face, aligned);
            Overwrite(read);
        }

        return found;
    }

    /// <summary>Whether the folder of a subject has files that a record does not name.</summary>
    public bool HasOthers(string subjectId, SubjectRecord? record) => Others(subjectId, record).Any();

    /// <summary>Removes the faces of a subject, except those that a record names.</summary>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="former">The record before the change; null if there was none or it is not known.</param>
    /// <param name="record">The record that names the faces to keep; null to keep none.</param>
    public void Tidy(string subjectId, SubjectRecord? former, SubjectRecord? record)
    {
        string folder = FolderOf(subjectId);
        if (!Directory.Exists(folder))
            return;
        foreach (string file in Others(subjectId, record))
            File.Delete(file);
        ILookup<string, string> named = Named(record);
        foreach (var gone in Named(former).Where(pack => named.Contains(pack.Key) && pack.Except(named[pack.Key]).Any()))
        {
            Trim(Path.Combine(folder, gone.Key), named[gone.Key]);
        }

        // An empty folder goes too, because its name is the id of the subject.
        if (!Directory.EnumerateFileSystemEntries(folder).Any())
            Directory.Delete(folder);
        FolderFlush.Flush(Directory.Exists(folder) ? folder : directory);
    }

    /// <summary>Removes all faces of a subject.</summary>
    public void Delete(string subjectId)
    {
        string folder = FolderOf(subjectId);
        if (!Directory.Exists(folder))
            return;
        Directory.Delete(folder, recursive: true);
        FolderFlush.Flush(directory);
    }

    /// <summary>Ids of the subjects that have a folder of faces.</summary>
    public IEnumerable<string> List() => Directory.Exists(directory)
        ? Directory.EnumerateDirectories(directory).Select(folder => Path.GetFileName(folder)).Where(SubjectId.IsValid)
        : [];

    private void Trim(string file, IEnumerable<string> contents)
    {
        try
        {
            if (Read(file) is not { } present)
                return;
            var rest = present.IntersectBy(contents, face => face.Key).ToDictionary();
            if (rest.Count > 0)
                Write(file, rest);
            else
                File.Delete(file);
            Overwrite(present);
        }
        catch (FaceDataException)
        {
            // Nobody can use a damaged pack. It goes with the subject at the latest.
        }
    }

    private IEnumerable<string> Others(string subjectId, SubjectRecord? record)
    {
        ILookup<string, string> named = Named(record);
        try
        {
            return Directory.GetFiles(FolderOf(subjectId)).Where(file => !named.Contains(Path.GetFileName(file)));
        }
        catch (DirectoryNotFoundException)
        {
            // No faces are kept, or another process has just removed them.
            return [];
        }
    }

    private static ILookup<string, string> Named(SubjectRecord? record) =>
        (record?.Embeddings ?? []).ToLookup(FacePack.NameOf, FacePack.ContentOf, StringComparer.Ordinal);

    private static Dictionary<string, byte[]>? Read(string file)
    {
        return FolderGallery.ReadFile(file, RequireLength) is { } pack ? FacePack.Read(pack, file) : null;

        void RequireLength(long length)
        {
            if (length > FacePack.MaxBytes)
                throw FacePack.Damaged(file, $"it has {length:N0} bytes, more than {FacePack.MaxBytes:N0}.");
        }
    }

    private void Write(string file, Dictionary<string, byte[]> faces)
    {
        string folder = Path.GetDirectoryName(file)!;
        bool isNew = !Directory.Exists(folder);
        byte[] pack = FacePack.Write(faces, file);
        AtomicFile.Write(file, pack, durable: true);
        foreach (string changed in isNew ? [folder, directory, Path.GetDirectoryName(directory)!] : (string[])[folder])
            FolderFlush.Flush(changed);
        CryptographicOperations.ZeroMemory(pack);
    }

    private static void Overwrite(Dictionary<string, byte[]> faces)
    {
        foreach (byte[] face in faces.Values)
            CryptographicOperations.ZeroMemory(face);
    }

    private string FolderOf(string subjectId) => Path.Combine(directory, SubjectId.Require(subjectId));
}
