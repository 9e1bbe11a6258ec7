using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// A gallery in a folder: <c>{directory}/subjects/{id}.json</c>, one file a subject; <c>{directory}/faces/{id}/</c>, the aligned faces that
/// were kept of the subject; <c>{directory}/gallery.json</c>, its <see cref="GalleryRules"/>. A change is on the disk before the call
/// returns. Many threads and processes may use one folder; no writer loses another's change. It is its user's alone: the first change
/// closes it to others.
/// </summary>
/// <remarks>
/// A file is written aside as <c>.{id}.tmp</c>, flushed and renamed, so a reader sees the old subject or the new one and a crash leaves
/// one of them; what a crash leaves aside, or keeps of faces that no record names, is never read, and removed by the subject's next writer
/// or <see cref="Load"/>. Writers of one subject
/// wait for each other at a lock file in <c>{directory}/.locks</c>; this needs a file system with locks, which some network shares lack.
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

    /// <summary>Opens a gallery; the folder comes to be with its first subject.</summary>
    /// <param name="directory">The gallery's folder.</param>
    /// <param name="lockTimeout">How long a writer waits for another writer of the same subject; 30 s where null.</param>
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

    /// <summary>Ids of all subjects, in ordinal order.</summary>
    public IReadOnlyList<string> List() =>
        [.. Files().Select(file => Path.GetFileNameWithoutExtension(file)).Where(SubjectId.IsValid)];

    /// <summary>Reads one subject.</summary>
    /// <returns>Null where there is none of that id.</returns>
    /// <exception cref="FaceDataException">The id is not allowed, or the file is damaged.</exception>
    public SubjectRecord? Find(string subjectId) => Read(FileOf(subjectId), subjectId);

    /// <summary>Reads all subjects. A damaged file is reported and does not keep the others from loading.</summary>
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
    /// The gallery's rules. Of one from before there were rules in folders, they are those of its subjects: what all of them are embedded
    /// by.
    /// </summary>
    /// <exception cref="FaceDataException">They are damaged.</exception>
    public GalleryRules ReadRules() => _rules.Read();

    /// <summary>
    /// Makes sure that subjects embedded by a source may join the gallery: with those of another source in it, they would not be found
    /// together. A gallery whose subjects all give way to them follows them.
    /// </summary>
    /// <param name="source">What embeds the subjects.</param>
    /// <param name="replaced">Ids of the subjects that give way to them; null for none.</param>
    /// <exception cref="FaceDataException">The gallery is embedded by other models, or its rules are damaged.</exception>
    public void Require(EmbeddingSource source, IReadOnlySet<string>? replaced = null) =>
        _rules.Require(source, replaced ?? FolderRules.Nobody);

    /// <summary>Makes sure that the gallery can be searched by what makes embeddings of a source.</summary>
    /// <exception cref="FaceDataException">It is not ready for that, or its rules are damaged.</exception>
    public void RequireReady(EmbeddingSource source) => _rules.RequireReady(source);

    /// <summary>The aligned faces that embeddings of a subject are of, as far as they were kept.</summary>
    /// <exception cref="FaceDataException">What was kept is damaged.</exception>
    public IReadOnlyDictionary<SubjectEmbedding, RgbImage> FindFaces(string subjectId, IEnumerable<SubjectEmbedding> faces) =>
        _faces.Find(subjectId, faces);

    /// <summary>
    /// Writes a subject in place of what is there, damaged or not; of faces, only those are still kept that the subject names. To change a
    /// subject, use <see cref="Update"/>.
    /// </summary>
    /// <exception cref="FaceDataException">On this file system the file of that id belongs to another subject.</exception>
    /// <exception cref="IOException">The disk failed, or another writer held the subject for too long.</exception>
    public void Save(SubjectRecord subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        using var held = TakeToWrite(subject.SubjectId);
        Replace(subject, RequireSpelling(subject.SubjectId));
    }

    /// <summary>Changes a subject; nobody else changes it in between.</summary>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="change">
    /// Makes the new record from the present one, or from null if there is none. If it returns the present one, nothing is written. It must
    /// not itself write to the gallery: subjects share locks.
    /// </param>
    /// <returns>The subject as it is now.</returns>
    /// <exception cref="FaceDataException">The id is not allowed, or the file is damaged.</exception>
    /// <exception cref="IOException">The disk failed, or another writer held the subject for too long.</exception>
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
    /// Enrols faces of a subject, all or none. One that is enrolled already counts as enrolled when this one is, where that is later.
    /// </summary>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="faces">
    /// The faces, at least one, each with the aligned face that is kept of it, 128x128 px; null where none is. At most
    /// <see cref="FacePack.MaxFaces"/> are kept of one time.
    /// </param>
    /// <param name="replace">Whether they are put in place of what is enrolled of the subject, and not added to it.</param>
    /// <param name="replaced">
    /// Ids of all subjects that are replaced after each other: they do not keep the gallery from following another source. Null for this
    /// one alone, where it is.
    /// </param>
    /// <exception cref="FaceDataException">
    /// The id is not allowed, the gallery is embedded by other models, or the subject's file is damaged.
    /// </exception>
    /// <exception cref="IOException">The disk failed, or another writer held the subject for too long.</exception>
    public void Enrol(
        string subjectId, IReadOnlyList<(SubjectEmbedding Face, RgbImage? Aligned)> faces, bool replace,
        IReadOnlySet<string>? replaced = null)
    {
        ArgumentNullException.ThrowIfNull(faces);
        var file = FileOf(subjectId);
        foreach (EmbeddingSource source in faces.Select(face => face.Face.Source).Distinct())
            _rules.Take(source, replaced ?? (replace ? new HashSet<string> { subjectId } : FolderRules.Nobody));
        using var held = TakeToWrite(subjectId);
        var present = replace ? RequireSpelling(subjectId) : Read(file, subjectId);
        var enrolled = faces.Aggregate(replace ? null : present, (record, face) => SubjectRecord.Renew(record, subjectId, face.Face))!;
        _faces.Write(
            subjectId,
            faces.Where(face => face.Aligned is not null)
                .Select(face => (enrolled.Embeddings.First(face.Face.IsSameFaceAs), face.Aligned!)));
        Replace(enrolled, present);
    }

    /// <summary>Removes a subject with everything of theirs, also what an interrupted write left. Works on a damaged file.</summary>
    /// <returns>False where there was no such subject.</returns>
    /// <exception cref="FaceDataException">
    /// The id is not allowed, or on this file system the file of that id belongs to another subject.
    /// </exception>
    public bool Delete(string subjectId)
    {
        var file = FileOf(subjectId);
        // Nothing is made where there is nothing to delete.
        if (!Directory.Exists(_subjects) && !_faces.List().Contains(subjectId))
            return false;
        using var held = TakeToWrite(subjectId);
        RequireSpelling(subjectId);
        var existed = File.Exists(file);
        // They go first: where this is cut off, the subject is still there to be deleted.
        _faces.Delete(subjectId);
        if (Directory.Exists(_subjects))
        {
            File.Delete(AsideOf(subjectId));
            File.Delete(file);
            FolderFlush.Flush(_subjects);
        }

        return existed;
    }

    /// <summary>Writes a record in place of the one that was read.</summary>
    /// <returns>False where somebody changed or removed the subject since, and nothing was written.</returns>
    internal bool TryReplace(SubjectRecord read, SubjectRecord next)
    {
        using var held = TakeToWrite(read.SubjectId);
        if (TryRead(FileOf(read.SubjectId)) is not { } present || !present.ToJson().AsSpan().SequenceEqual(read.ToJson()))
            return false;
        Replace(next, present);
        return true;
    }

    /// <summary>Notes that every subject is embedded by a source, apart from those that are left behind knowingly.</summary>
    /// <param name="source">The source.</param>
    /// <param name="alone">Whether embeddings by other sources are no longer there.</param>
    internal void NoteReembedding(EmbeddingSource source, bool alone) => _rules.NoteReembedding(source, alone);

    // What embeds all subjects that can be read; null where there is none.
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

    // Who writes closes to others what an earlier version, or a copy by hand, left open.
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
        return ReadFile(file, RequireLength) is { } json ? SubjectRecord.FromJson(json, file) : null;

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
    /// <param name="requireLength">Refuses a length before anything is read; null for none.</param>
    /// <returns>Null if there is no such file.</returns>
    /// <exception cref="FaceDataException">It cannot be read.</exception>
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

    // Where 'Ada' and 'ada' are one file, writing or deleting the one must not hit the other. Gives the subject's record, where it can be
    // read.
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
            stream.Write(subject.ToJson());
            stream.Flush(flushToDisk: true);
        }

        File.Move(aside, FileOf(subject.SubjectId), overwrite: true);
        FolderFlush.Flush(_subjects);
    }

    // Only under the subject's lock is a file aside surely nobody's.
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
            // A damaged record may name them.
            if (!records.ContainsKey(subjectId) && File.Exists(FileOf(subjectId)))
                continue;
            TidyIfFree(subjectId, () =>
            {
                // The record is read anew: a writer may have been faster.
                if (TryRead(FileOf(subjectId)) is var record && (record is not null || !File.Exists(FileOf(subjectId))))
                    _faces.Tidy(subjectId, former: null, record);
            });
        }
    }

    // A reader removes what a crash left. A reader that may not write, or comes while somebody writes, leaves it to the next.
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
