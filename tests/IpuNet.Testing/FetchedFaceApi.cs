using IpuNet.Faces.Models;
using IpuNet.LocalCloud.Npm;

namespace IpuNet.Testing;

/// <summary>The npm package of face-api.js, with six photos and its weights.</summary>
public static class FetchedFaceApi
{
    public static FetchedByNpm Package { get; } =
        new(() => FaceApiPackage.EnsureAsync(ModelStore.Locate().Root, _ => { }, CancellationToken.None));
}
