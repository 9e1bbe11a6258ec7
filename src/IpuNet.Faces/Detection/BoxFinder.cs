using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Detection;

/// <summary>Finds the boxes of faces: shows the detector every window of every photo and joins what it finds.</summary>
internal sealed class BoxFinder(OnnxSession session, FaceDetectorSettings settings)
{
    /// <summary>The boxes in each photo, best first, inside the photo.</summary>
    public IReadOnlyList<ScoredBox>[] Find(IReadOnlyList<RgbImage> photos)
    {
        var found = photos.Select(p => new WindowMerger(p.Width, p.Height)).ToArray();
        var windows = photos
            .SelectMany((photo, i) => PhotoWindows.Of(photo.Width, photo.Height, settings).Select(window => (Photo: i, Window: window)))
            .ToList();

        session.Run(
            windows,
            (window, target) => SquareSampler.Sample(photos[window.Photo], window.Window.View, SsdMobileNetV1.InputSize, target),
            (buffers, first, count) =>
            {
                for (int i = 0; i < count; i++)
                    found[windows[first + i].Photo].Add(windows[first + i].Window, Decode(buffers, i));
            });
        return [.. found.Select(merger => merger.Merge(settings.MaximumFaces))];
    }

    private List<ScoredBox> Decode(SessionBuffers buffers, int index)
    {
        var boxes = new List<ScoredBox>();
        for (int map = 0; map < SsdMobileNetV1.Maps.Count; map++)
            SsdBoxDecoder.Decode(map, buffers.Floats(TensorNames.Map(map), index), settings.MinimumScore, boxes);
        return boxes;
    }
}
