using System.Numerics;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Detection;

/// <summary>Finds the landmarks of faces whose boxes are known.</summary>
internal sealed class LandmarkFinder(OnnxSession session)
{
    /// <summary>The landmarks of each face, in pixels of its photo.</summary>
    public FaceLandmarks[] Find(IReadOnlyList<(RgbImage Photo, FaceBox Box)> faces)
    {
        var views = faces.Select(face => (face.Photo, View: ViewOf(face.Photo, face.Box))).ToList();
        var landmarks = new FaceLandmarks[faces.Count];
        session.Run(
            views,
            (face, target) => SquareSampler.Sample(face.Photo, face.View, FaceLandmark68.InputSize, target),
            (buffers, first, count) =>
            {
                for (int i = 0; i < count; i++)
                    landmarks[first + i] = Read(buffers.Floats(TensorNames.Points, i), views[first + i].View);
            });
        return landmarks;
    }

    // Whole pixels, rounded down as face-api does, and at least one.
    private static SquareView ViewOf(RgbImage photo, FaceBox box)
    {
        int x = Math.Min((int)box.X, photo.Width - 1), y = Math.Min((int)box.Y, photo.Height - 1);
        return SquareView.Centred(x, y, Math.Clamp((int)box.Width, 1, photo.Width - x), Math.Clamp((int)box.Height, 1, photo.Height - y));
    }

    private static FaceLandmarks Read(ReadOnlySpan<float> values, SquareView view)
    {
        var points = new Vector2[FaceLandmarks.Count];
        for (int i = 0; i < points.Length; i++)
            points[i] = view.ToPhoto(new Vector2(values[2 * i], values[2 * i + 1]));
        return new FaceLandmarks(points);
    }
}
