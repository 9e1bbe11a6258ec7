using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Enrolment;

/// <summary>Searches all blobs of all containers for bytes, plain and in base64 at any offset.</summary>
internal sealed class Traces(StorageAccount account)
{
    // So few consecutive bytes occur in no other blob by chance, and a part of the sought bytes is found too.
    private const int NeedleLength = 24;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Finds the blobs that contain any part of some bytes.</summary>
    public async Task<IReadOnlyList<string>> OfAsync(byte[] data)
    {
        byte[][] needles = [.. Needles(data)];
        List<string> found = [];
        foreach (string container in StorageNames.Containers)
        {
            var all = new GetBlobsOptions { States = BlobStates.Snapshots };
            await foreach (BlobItem blob in account.Container(container).GetBlobsAsync(all, Cancellation))
            {
                BinaryData content = (
                    await account.Container(container).GetBlobClient(blob.Name).WithSnapshot(blob.Snapshot)
                        .DownloadContentAsync(Cancellation)).Value.Content;
                if (needles.Any(needle => content.ToMemory().Span.IndexOf(needle) >= 0))
                    found.Add($"{container}/{blob.Name}");
            }
        }

        return found;
    }

    private static IEnumerable<byte[]> Needles(byte[] data)
    {
        // At several places, so that a part is found; not at the ends, which are alike in all image files.
        foreach (int start in (int[])[data.Length / 4, data.Length / 2, data.Length * 3 / 4])
        {
            byte[] needle = data[start..(start + NeedleLength)];
            yield return needle;
            for (int before = 0; before < 3; before++)
                yield return Base64Of(needle, before);
        }
    }

    /// <summary>
    /// The base64 characters of some bytes that do not depend on the bytes before and after: 4 characters encode 3 bytes.
    /// </summary>
    /// <param name="needle">The bytes.</param>
    /// <param name="before">The number of bytes before, modulo 3.</param>
    private static byte[] Base64Of(byte[] needle, int before)
    {
        string text = Convert.ToBase64String([.. new byte[before], .. needle]);
        int first = (before * 8 + 5) / 6, end = (before + needle.Length) * 8 / 6;
        return System.Text.Encoding.ASCII.GetBytes(text[first..end]);
    }
}
