using IpuNet.Faces.Files;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// A gallery in a folder: <c>{directory}/subjects/{id}.json</c>, one file a subject. A change is on the disk before the call returns.
/// Many threads and processes may use one folder; no writer loses another's change. It is its user's alone: the first change closes it to others.
/// </summary>
/// <remarks>
/// A file is written aside as <c>.{id}.tmp</c>, flushed and renamed, so a reader sees the old subject or the new one and a crash leaves
/// one of them; what a crash leaves aside is never read, and removed by the next writer or <see cref="Load"/>. Writers of one subject
/// wait for each other at a lock file in <c>{directory}/.locks</c>; this needs a file system with locks, which some network shares lack.
/// </remarks>
public sealed class FolderGallery
{
    private const string Subjects = "subjects", Locks = ".locks";
    private const string Extension = ".json";
    private const string AsideExtension = ".tmp";

    private static readonly TimeSpan DefaultLockTimeout = TimeSpan.FromSeconds(30);

    private readonly string _directory, _subjects;
    private readonly SubjectLocks _locks;
    private readonly Lazy<bool> _isClosed;

    /// <summary>Opens a gallery; the folder comes to be with its first subject.</summary>
    /// <param name="directory">The gallery's folder.</param>
    /// <param name="lockTimeout">How long a writer waits for another writer of the same subject; 30 s where null.</param>
    public FolderGallery(string directory, TimeSpan? lockTimeout = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        _directory = Path.GetFullPath(directory);
        _subjects = Path.Combine(directory, Subjects);
        _locks = new SubjectLocks(Path.Combine(directory, Locks), lockTimeout ?? DefaultLockTimeout);
        _isClosed = new Lazy<bool>(() =>
        {
            PrivateFolder.Open(_directory, name => name is Subjects or Locks);
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
        RemoveLeftovers();
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

        return new GalleryContents(loaded, failures);
    }

    /// <summary>Writes a subject in place of what is there, damaged or not. To change a subject, use <see cref="Update"/>.</summary>
    /// <exception cref="FaceDataException">On this file system the file of that id belongs to another subject.</exception>
    /// <exception cref="IOException">The disk failed, or another writer held the subject for too long.</exception>
    public void Save(SubjectRecord subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        using var held = TakeToWrite(subject.SubjectId);
        RequireSpelling(subject.SubjectId);
        Write(subject);
    }

    /// <summary>Changes a subject; nobody else changes it in between.</summary>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="change">Makes the new record from the present one, or from null where there is none. Giving back the present one writes nothing.
    /// It must not itself write to the gallery: subjects share locks.</param>
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
            Write(changed);
        return changed;
    }

    /// <summary>Removes a subject with everything of theirs, also what an interrupted write left. Works on a damaged file.</summary>
    /// <returns>False where there was no such subject.</returns>
    /// <exception cref="FaceDataException">The id is not allowed, or on this file system the file of that id belongs to another subject.</exception>
    public bool Delete(string subjectId)
    {
        var file = FileOf(subjectId);
        using var held = TakeToWrite(subjectId);
        RequireSpelling(subjectId);
        var existed = File.Exists(file);
        if (!Directory.Exists(_subjects))
            return false;
        File.Delete(AsideOf(subjectId));
        File.Delete(file);
        FolderFlush.Flush(_subjects);
        return existed;
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
                $"{file} holds the subject '{subject.SubjectId}', not '{subjectId}': use that id, or give the file the name '{subject.SubjectId}{Extension}'.");
        return subject;
    }

    private static SubjectRecord? Read(string file)
    {
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > SubjectRecord.MaxBytes } info)
                throw new FaceDataException($"{file} has {info.Length:N0} bytes, more than the {SubjectRecord.MaxBytes:N0} that a subject may have: delete it and enrol the subject again.");
            SpecialFile.Refuse(file, file);
            return SubjectRecord.FromJson(File.ReadAllBytes(file), file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FaceDataException($"{file} cannot be read: {error.Message} Give this user access to it, or check the disk.", error);
        }
    }

    // Where 'Ada' and 'ada' are one file, writing or deleting the one must not hit the other.
    private void RequireSpelling(string subjectId)
    {
        SubjectRecord? present;
        try
        {
            present = Read(FileOf(subjectId));
        }
        catch (FaceDataException)
        {
            return;
        }

        if (present is not null && present.SubjectId != subjectId && string.Equals(present.SubjectId, subjectId, StringComparison.OrdinalIgnoreCase))
            throw new FaceDataException($"The subject ids '{present.SubjectId}' and '{subjectId}' are one file on this file system: use '{present.SubjectId}'.");
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
    private void RemoveLeftovers()
    {
        foreach (var aside in FilesLike($".*{AsideExtension}"))
        {
            var subjectId = Path.GetFileName(aside)[1..^AsideExtension.Length];
            using var held = _locks.TryTake(subjectId);
            if (held is not null)
                File.Delete(aside);
        }
    }

    private string[] Files() => [.. FilesLike($"*{Extension}").Where(file => Path.GetFileName(file)[0] != '.').Order(StringComparer.Ordinal)];

    private string[] FilesLike(string pattern) => Directory.Exists(_subjects) ? Directory.GetFiles(_subjects, pattern) : [];

    private string FileOf(string subjectId) => Path.Combine(_subjects, SubjectId.Require(subjectId) + Extension);

    private string AsideOf(string subjectId) => Path.Combine(_subjects, $".{SubjectId.Require(subjectId)}{AsideExtension}");
}
