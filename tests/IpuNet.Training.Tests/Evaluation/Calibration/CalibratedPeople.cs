using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Training.Tests.Evaluation.Calibration;

/// <summary>People and a calibration on them, made once for all tests. No test changes them.</summary>
public sealed class CalibratedPeople : IDisposable
{
    public CalibratedPeople()
    {
        Plain = Calibrate(SyntheticPeople.Pipeline, People);
        Enhanced = Calibrate(People.EnhancingPipeline, People);
    }

    internal static CalibrationOptions Options { get; } = new() { Far = 0.01 };

    internal SyntheticPeople People { get; } = new(people: 16, images: 2);

    internal CalibrationReport Plain { get; }

    internal CalibrationReport Enhanced { get; }

    public void Dispose() => People.Dispose();

    internal static CalibrationReport Calibrate(FacePipeline pipeline, SyntheticPeople people) =>
        new PolicyCalibration(pipeline, SyntheticPeople.Alignment).Run(Protocol(people), Options);

    internal static IdentificationProtocol Protocol(SyntheticPeople people) =>
        IdentificationProtocol.Create("test", people.Faces, openShare: 0);
}
