using CsCheck;
using IpuNet.Retraining.Preparation;
using IpuNet.Training.Data;

namespace IpuNet.Training.Tests.Preparation;

public sealed class IdentitySplitTests
{
    private static readonly Gen<string[]> Names = Gen.String[Gen.Char.AlphaNumeric, 1, 8].Array[1, 60];

    [Fact]
    public void Of_AnyPeople_PutsEachPersonWholeIntoOnePart() => Names.Sample(names =>
    {
        TrainingFace[] faces = [.. names.SelectMany((name, i) => new[] { Face(name, i), Face(name, -i) })];

        IdentitySplit split = IdentitySplit.Of(faces);

        (split.Training.Count + split.Calibration.Count + split.HeldOut.Count).ShouldBe(faces.Length);
        string[][] people = [
            .. new[] { split.Training, split.Calibration, split.HeldOut }.Select(
                part => part.Select(face => face.Identity!).Distinct().ToArray())];
        people.Sum(part => part.Length).ShouldBe(names.Distinct().Count());
    });

    [Fact]
    public void Of_ASetThatGrows_MovesNobody() => Gen.Select(Names, Names).Sample((before, more) =>
    {
        IdentitySplit small = IdentitySplit.Of([.. before.Select(Face)]), large = IdentitySplit.Of([.. before.Concat(more).Select(Face)]);

        small.HeldOut.Select(face => face.Identity).ShouldBeSubsetOf(large.HeldOut.Select(face => face.Identity));
        small.Calibration.Select(face => face.Identity).ShouldBeSubsetOf(large.Calibration.Select(face => face.Identity));
        small.Training.Select(face => face.Identity).ShouldBeSubsetOf(large.Training.Select(face => face.Identity));
    });

    [Fact]
    public void Of_ManyPeople_KeepsThreeOfTen()
    {
        IdentitySplit split = IdentitySplit.Of([.. Enumerable.Range(0, 10_000).Select(i => Face($"person-{i}", i))]);

        split.Calibration.Count.ShouldBeInRange(900, 1100);
        split.HeldOut.Count.ShouldBeInRange(1850, 2150);
    }

    [Fact]
    public void FaultOf_ASetThatIsTooSmall_SaysWhatItHasAndNeeds()
    {
        IdentitySplit split = IdentitySplit.Of([.. Enumerable.Range(0, 20).Select(i => Face($"person-{i}", i))]);

        string? fault = new RetrainingMinimum(Faces: 5, Identities: 50, Judges: 1).FaultOf(split);

        fault.ShouldNotBeNull().ShouldContain($"{split.Training.Count} of 50 people to train on");
        fault.ShouldContain("0 of 1 people with two images for the gate");
        fault.ShouldNotContain("training faces");
    }

    private static TrainingFace Face(string identity, int i) => new($"{identity}/{i}.png", null, identity);
}
