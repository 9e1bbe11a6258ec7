using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// A gallery in a folder. <c>{directory}/subjects/{id}.json</c> is the record of a subject, <c>{directory}/faces/{id}/</c> has its kept
/// aligned faces, and <c>{directory}/gallery.json</c> has the <see cref="GalleryRules"/>. A change is on the disk before the call returns.
/// Many threads and processes can use one folder, and no writer overwrites the change of another. The folder is for one user only: the
/// first change takes away the access of other users.
/// </summary>
/// <remarks>
/// A record is first written as <c>.{id}.tmp</c>, then flushed and renamed. So a reader, also after a crash, sees either the old record or
/// the new one. After a crash, a <c>.tmp</c> file or faces without a record can be left. They are never read. The next writer of the
/// subject or <see cref="Load"/> removes them. Writers of one subject wait for each other at a lock file in <c>{directory}/.locks</c>. This
/// needs a file system with locks, and some network shares have none.
/// </remarks>
public sealed class FolderGallery
{
    private const string Subjects = "subjects", Locks = ".locks", Faces = "faces", Rules = "gallery.json";
    private const string Extension = ".json";
    private const string AsideExtension = ".tmp";

    private static readonly TimeSpan DefaultLockTimeout = TimeSpan.FromSeconds(30);

    private readonly string _directory, _subjects;
    private readonly FolderRules _rules;
    private readonly FolderFaces _faces;
    private readonly SubjectLocks _locks;
    private readonly Lazy<bool> _isClosed;

    /// <summary>Opens a gallery. If the folder is missing, the first subject creates it.</summary>
    /// <param name="directory">The folder of the gallery.</param>
    /// <param name="lockTimeout">Longest time that a writer waits for another writer of the same subject; null for 30 s.</param>
    public FolderGallery(string directory, TimeSpan? lockTimeout = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        _directory = Path.GetFullPath(directory);
        _subjects = Path.Combine(_directory, Subjects);
        _rules = new FolderRules(_directory, Path.Combine(_directory, Rules), SourcesOfSubjects, () => TakeToWrite(Rules));
        _faces = new FolderFaces(Path.Combine(_directory, Faces));
        _locks = new SubjectLocks(Path.Combine(_directory, Locks), lockTimeout ?? DefaultLockTimeout);
        _isClosed = new Lazy<bool>(() =>
        {
            PrivateFolder.Open(_directory, name => name is Subjects or Locks or Faces || name.StartsWith(Rules, StringComparison.Ordinal));
            return true;
        });
    }

    /// <summary>Whether the folder is a gallery, be it one without subjects.</summary>
    public bool Exists => Directory.Exists(_subjects) || File.Exists(Path.Combine(_directory, Rules));

    /// <summary>Ids of all subjects, in ordinal order.</summary>
    public IReadOnlyList<string> List() =>
        [.. Files().Select(file => Path.GetFileNameWithoutExtension(file)).Where(SubjectId.IsValid)];

    /// <summary>Reads one subject.</summary>
    /// <returns>The record; null if there is no subject with that id.</returns>
    /// <exception cref="FaceDataException">The id is not allowed, or the file is damaged.</exception>
    public SubjectRecord? Find(string subjectId) => Read(FileOf(subjectId), subjectId);

    /// <summary>Reads all subjects. A damaged file is reported, and the others are still read.</summary>
    public GalleryContents Load(CancellationToken cancellation = default)
    {
        RemoveAside();
        List<SubjectRecord> loaded = [];
        List<FaceDataException> failures = [];
        foreach (var file in Files())
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                if (Read(file, Path.GetFileNameWithoutExtension(file)) is { } subject)
                    loaded.Add(subject);
            }
            catch (FaceDataException failure)
            {
                failures.Add(failure);
            }
        }

        RemoveUnnamedFaces(loaded);
        return new GalleryContents(loaded, failures);
    }

    /// <summary>
    /// Reads the rules of the gallery. A gallery of an earlier version has no file of rules. Its sources are then those that embedded all
    /// subjects.
    /// </summary>
    /// <exception cref="FaceDataException">The rules are damaged.</exception>
    public GalleryRules ReadRules() => _rules.Read();

    /// <summary>
    /// Checks that subjects with embeddings of a source can be enrolled in the gallery. One search cannot find subjects of different
    /// sources, so the source must be one of the gallery's. If all present subjects are replaced, the gallery takes any source.
    /// </summary>
    /// <param name="source">The source of the new subjects.</param>
    /// <param name="replaced">Ids of the subjects that are replaced; null for none.</param>
    /// <exception cref="FaceDataException">The gallery has embeddings of other sources only, or its rules are damaged.</exception>
    public void Require(EmbeddingSource source, IReadOnlySet<string>? replaced) =>
        _rules.Require(source, replaced ?? FolderRules.Nobody);

    /// <summary>Checks that the gallery can be searched with embeddings of a source.</summary>
    /// <exception cref="FaceDataException">The gallery cannot be searched with the source, or its rules are damaged.</exception>
    public void RequireReady(EmbeddingSource source) => _rules.RequireReady(source);

    /// <summary>Finds the aligned faces of embeddings of a subject. Those that were not kept are left out.</summary>
    /// <exception cref="FaceDataException">A pack or a face in it is damaged.</exception>
    public IReadOnlyDictionary<SubjectEmbedding, RgbImage> FindFaces(string subjectId, IEnumerable<SubjectEmbedding> faces) =>
        _faces.Find(subjectId, faces);

    /// <summary>
    /// Writes a record in place of the present one, even of a damaged one. Removes kept aligned faces that the record does not name. To
    /// change a subject, use <see cref="Update"/>.
    /// </summary>
    /// <exception cref="FaceDataException">On this file system, another subject has the file of that id.</exception>
    /// <exception cref="IOException">The disk failed, or another writer held the lock of the subject for too long.</exception>
    public void Save(SubjectRecord subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        using var held = TakeToWrite(subject.SubjectId);
        Replace(subject, RequireSpelling(subject.SubjectId));
    }

    /// <summary>Changes a subject. No other writer can change it between the read and the write.</summary>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="change">
    /// Makes the new record from the present one, or from null if there is none. If it returns the present record, nothing is written. It
    /// must not write to the gallery, because subjects share locks.
    /// </param>
    /// <returns>The subject after the change.</returns>
    /// <exception cref="FaceDataException">The id is not allowed, or the file is damaged.</exception>
    /// <exception cref="IOException">The disk failed, or another writer held the lock of the subject for too long.</exception>
    public SubjectRecord Update(string subjectId, Func<SubjectRecord?, SubjectRecord> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var file = FileOf(subjectId);
        using var held = TakeToWrite(subjectId);
        var present = Read(file, subjectId);
        var changed = change(present);
        if (changed.SubjectId != subjectId)
            throw new ArgumentException($"The change of subject '{subjectId}' gave a record of '{changed.SubjectId}'.", nameof(change));
        if (!ReferenceEquals(changed, present))
            Replace(changed, present);
        return changed;
    }

    /// <summary>
    /// Enrols faces of a subject, all or none. A face that is enrolled already takes the later time of enrolment.
    /// </summary>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="faces">
    /// The faces, at least one. Each has the aligned face to keep, 128 x 128 px; null to keep none. At most
    /// <see cref="FacePack.MaxFaces"/> aligned faces are kept for one time of enrolment.
    /// </param>
    /// <param name="replace">True to replace the enrolled faces of the subject; false to add to them.</param>
    /// <param name="replaced">
    /// Ids of all subjects that are replaced in the same job. If all subjects of the gallery are replaced, it takes any source. Null for
    /// this subject alone if <paramref name="replace"/> is true, and for none otherwise.
    /// </param>
    /// <returns>For each face, whether it was there already: nothing was added then.</returns>
    /// <exception cref="FaceDataException">
    /// The id is not allowed, the gallery has embeddings of other sources only, or a file of the subject is damaged.
    /// </exception>
    /// <exception cref="IOException">The disk failed, or another writer held the lock of the subject for too long.</exception>
    public IReadOnlyList<bool> Enrol(
        string subjectId, IReadOnlyList<(SubjectEmbedding Face, RgbImage? Aligned)> faces, bool replace,
        IReadOnlySet<string>? replaced)
    {
        ArgumentNullException.ThrowIfNull(faces);
        var file = FileOf(subjectId);
        foreach (EmbeddingSource source in faces.Select(face => face.Face.Source).Distinct())
            _rules.Take(source, replaced ?? (replace ? new HashSet<string> { subjectId } : FolderRules.Nobody));
        using var held = TakeToWrite(subjectId);
        var present = replace ? RequireSpelling(subjectId) : Read(file, subjectId);
        var enrolled = replace ? null : present;
        List<bool> wasThere = [];
        foreach (var (face, _) in faces)
        {
            wasThere.Add(enrolled?.Embeddings.Any(face.IsSameFaceAs) == true);
            enrolled = SubjectRecord.Renew(enrolled, subjectId, face);
        }

        _faces.Write(
            subjectId,
            faces.Where(face => face.Aligned is not null)
                .Select(face => (enrolled!.Embeddings.First(face.Face.IsSameFaceAs), face.Aligned!)));
        Replace(enrolled!, present);
        return wasThere;
    }

    /// <summary>
    /// Removes a subject with its aligned faces and the leftovers of an interrupted write. This works on a damaged file, too.
    /// </summary>
    /// <returns>False if there was no record of the subject.</returns>
    /// <exception cref="FaceDataException">
    /// The id is not allowed, or another subject has the file of that id on this file system.
    /// </exception>
    public bool Delete(string subjectId)
    {
        var file = FileOf(subjectId);
        // Without anything to delete, no folder for locks is made.
        if (!Directory.Exists(_subjects) && !_faces.List().Contains(subjectId))
            return false;
        using var held = TakeToWrite(subjectId);
        RequireSpelling(subjectId)?.Overwrite();
        var existed = File.Exists(file);
        // The faces go first. If the deletion is interrupted, the record is still there, and the subject can be deleted again.
        _faces.Delete(subjectId);
        if (Directory.Exists(_subjects))
        {
            File.Delete(AsideOf(subjectId));
            File.Delete(file);
            FolderFlush.Flush(_subjects);
        }

        return existed;
    }

    /// <summary>Replaces the record that was read.</summary>
    /// <returns>False if another writer changed or removed the subject meanwhile, and nothing was written.</returns>
    internal bool TryReplace(SubjectRecord read, SubjectRecord next)
    {
        using var held = TakeToWrite(read.SubjectId);
        if (TryRead(FileOf(read.SubjectId)) is not { } present || !present.ToJson().AsSpan().SequenceEqual(read.ToJson()))
            return false;
        Replace(next, present);
        return true;
    }

    /// <summary>Notes that all subjects have embeddings of a source. Subjects that were left behind on purpose do not count.</summary>
    /// <param name="source">The source.</param>
    /// <param name="alone">Whether the embeddings of other sources were removed.</param>
    internal void NoteReembedding(EmbeddingSource source, bool alone) => _rules.NoteReembedding(source, alone);

    // The sources that embedded all readable subjects, apart from some; null if there are no such subjects.
    private EmbeddingSource[]? SourcesOfSubjects(IReadOnlySet<string> apartFrom)
    {
        EmbeddingSource[]? common = null;
        foreach (string file in Files().Where(file => !apartFrom.Contains(Path.GetFileNameWithoutExtension(file))))
        {
            if (TryRead(file) is { } subject)
                common = [.. common is null ? subject.CompleteSources : common.Intersect(subject.CompleteSources)];
        }

        return common;
    }

    // The first write takes away the access of other users, which an earlier version or a copy by hand may have left.
    private IDisposable TakeToWrite(string subjectId)
    {
        _ = _isClosed.Value;
        return _locks.Take(subjectId);
    }

    private static SubjectRecord? Read(string file, string subjectId)
    {
        var subject = Read(file);
        if (subject is not null && subject.SubjectId != subjectId)
            throw new FaceDataException(
                $"{file} holds the subject '{subject.SubjectId}', not '{subjectId}': use that id, or give the file the name "
                + $"'{subject.SubjectId}{Extension}'.");
        return subject;
    }

    private static SubjectRecord? Read(string file)
    {
        if (ReadFile(file, RequireLength) is not { } json)
            return null;
        try
        {
            return SubjectRecord.FromJson(json, file);
        }
        finally
        {
            // The embeddings are in it.
            CryptographicOperations.ZeroMemory(json);
        }

        void RequireLength(long length)
        {
            if (length > SubjectRecord.MaxBytes)
                throw new FaceDataException(
                    $"{file} has {length:N0} bytes, more than the {SubjectRecord.MaxBytes:N0} that a subject may have: delete it and enrol "
                    + "the subject again.");
        }
    }

    /// <summary>Reads a file of the gallery.</summary>
    /// <param name="file">The file.</param>
    /// <param name="requireLength">Gets the length before anything is read, and throws to refuse it; null for no limit.</param>
    /// <returns>The content; null if there is no such file.</returns>
    /// <exception cref="FaceDataException">The file cannot be read.</exception>
    internal static byte[]? ReadFile(string file, Action<long>? requireLength = null)
    {
        try
        {
            if (requireLength is not null && new FileInfo(file) is { Exists: true } info)
                requireLength(info.Length);
            SpecialFile.Refuse(file, file);
            return File.ReadAllBytes(file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FaceDataException(
                $"{file} cannot be read: {error.Message} Give this user access to it, or check the disk.", error);
        }
    }

    private static SubjectRecord? TryRead(string file)
    {
        try
        {
            return Read(file);
        }
        catch (FaceDataException)
        {
            return null;
        }
    }

    // On some file systems 'Ada' and 'ada' are one file. Then a write or a deletion of one must not hit the other. Returns the record of
    // the subject; null if there is none that can be read.
    private SubjectRecord? RequireSpelling(string subjectId)
    {
        SubjectRecord? present = TryRead(FileOf(subjectId));
        if (present is null || present.SubjectId == subjectId)
            return present;
        return !string.Equals(present.SubjectId, subjectId, StringComparison.OrdinalIgnoreCase)
            ? null
            : throw new FaceDataException(
                $"The subject ids '{present.SubjectId}' and '{subjectId}' are one file on this file system: use '{present.SubjectId}'.");
    }

    private void Replace(SubjectRecord subject, SubjectRecord? former)
    {
        Write(subject);
        _faces.Tidy(subject.SubjectId, former, subject);
    }

    private void Write(SubjectRecord subject)
    {
        if (!Directory.Exists(_subjects))
        {
            PrivateFolder.Create(_subjects);
            FolderFlush.Flush(_directory);
        }

        var aside = AsideOf(subject.SubjectId);
        File.Delete(aside);
        var settings = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            settings.UnixCreateMode = PrivateFolder.OfFiles;
        using (var stream = new FileStream(aside, settings))
        {
            byte[] json = subject.ToJson();
            stream.Write(json);
            CryptographicOperations.ZeroMemory(json);
            stream.Flush(flushToDisk: true);
        }

        File.Move(aside, FileOf(subject.SubjectId), overwrite: true);
        FolderFlush.Flush(_subjects);
    }

    // Without the lock of the subject, a .tmp file can belong to a writer at work.
    private void RemoveAside()
    {
        foreach (var aside in FilesLike($".*{AsideExtension}"))
            TidyIfFree(Path.GetFileName(aside)[1..^AsideExtension.Length], () => File.Delete(aside));
    }

    private void RemoveUnnamedFaces(List<SubjectRecord> loaded)
    {
        var records = loaded.ToDictionary(subject => subject.SubjectId, StringComparer.Ordinal);
        foreach (string subjectId in _faces.List().Where(id => _faces.HasOthers(id, records.GetValueOrDefault(id))).ToArray())
        {
            // A damaged record may name the faces.
            if (!records.ContainsKey(subjectId) && File.Exists(FileOf(subjectId)))
                continue;
            TidyIfFree(subjectId, () =>
            {
                // The record is read again, because a writer may have changed it before the lock was taken.
                if (TryRead(FileOf(subjectId)) is var record && (record is not null || !File.Exists(FileOf(subjectId))))
                    _faces.Tidy(subjectId, former: null, record);
            });
        }
    }

    // A reader removes what a crash left. If it has no right to write, or a writer is at work, it leaves that to the next reader.
    private void TidyIfFree(string subjectId, Action tidy)
    {
        try
        {
            using var held = _locks.TryTake(subjectId);
            if (held is not null)
                tidy();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }

    private string[] Files() =>
        [.. FilesLike($"*{Extension}").Where(file => Path.GetFileName(file)[0] != '.').Order(StringComparer.Ordinal)];

    private string[] FilesLike(string pattern) => Directory.Exists(_subjects) ? Directory.GetFiles(_subjects, pattern) : [];

    private string FileOf(string subjectId) => Path.Combine(_subjects, SubjectId.Require(subjectId) + Extension);

    private string AsideOf(string subjectId) => Path.Combine(_subjects, $".{SubjectId.Require(subjectId)}{AsideExtension}");
}
