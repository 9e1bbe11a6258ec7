using IpuNet.Contract;
using IpuNet.Training.Aligning;
using IpuNet.Training.Experiments;

namespace IpuNet.Training.Tests.Experiments;

public sealed class ExperimentTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void Load_WhatToJsonWrote_IsTheSameExperiment()
    {
        File.WriteAllText(_file, TrainingFolder.Experiment().ToJson());

        Experiment.Load(_file).ToJson().ShouldBe(TrainingFolder.Experiment().ToJson());
    }

    [Fact]
    public void Load_WithAStudent_IsADistillation()
    {
        File.WriteAllText(_file, TrainingFolder.Distillation().ToJson());

        var read = Experiment.Load(_file).ShouldBeOfType<RecogniserExperiment>();

        read.ToJson().ShouldBe(TrainingFolder.Distillation().ToJson());
        read.Student.Narrowing.ShouldBe(16);
    }

    [Fact]
    public void Load_WithAnAligner_IsOne()
    {
        var experiment = new AlignerExperiment
        {
            Name = "aligner",
            Data = TrainingFolder.Experiment().Data,
            Aligner = new AlignerOptions { Turn = 10, Camera = null },
        };
        File.WriteAllText(_file, experiment.ToJson());

        Experiment.Load(_file).ShouldBeOfType<AlignerExperiment>().ToJson().ShouldBe(experiment.ToJson());
    }

    [Theory]
    [InlineData("""{"name":"x","data":{"sets":[{"folder":"a"}]},"student":{"narrowing":3}}""", "student")]
    [InlineData("""{"name":"x","data":{"sets":[{"folder":"a"}]},"student":{},"network":{}}""", "network")]
    [InlineData("""{"name":"x","data":{"sets":[{"folder":"a"}]},"student":{},"losses":{"pixel":1}}""", "pixel")]
    [InlineData("""{"name":"x","data":{"sets":[{"folder":"a"}]},"student":{},"losses":{"identity":0}}""", "losses.identity")]
    [InlineData("""{"name":"x","data":{"sets":[{"folder":"a"}]},"lossses":{}}""", "lossses")]
    [InlineData("""{"name":"x"}""", "data")]
    [InlineData("""{"name":"x","data":{"sets":[]}}""", "data.sets")]
    [InlineData("""{"name":"x","data":{"sets":[{"folder":"a"}]},"network":{"width":0}}""", "network.width")]
    [InlineData("""{"name":"x","data":{"sets":[{"folder":"a"}]},"degradation":{"sizes":["7by6"]}}""", "7by6")]
    [InlineData("""{"name":"x","schema":2,"data":{"sets":[{"folder":"a"}]}}""", "schema is 2")]
    [InlineData("""{"name":"x","data":{"sets":[{"folder":"a"}]},"aligner":{},"recogniser":"r@1"}""", "recogniser")]
    [InlineData("""{"name":"x","data":{"sets":[{"folder":"a"}]},"aligner":{},"degradation":{}}""", "degradation")]
    [InlineData("""{"name":"x","data":{"sets":[{"folder":"a"}],"augmentation":{}},"aligner":{}}""", "data.augmentation")]
    [InlineData("""{"name":"x","data":{"sets":[{"folder":"a"}]},"aligner":{"negatives":1}}""", "aligner.negatives is 1")]
    [InlineData("""{"name":"x","data":{"sets":[{"folder":"a"}]},"aligner":{"smallestFace":9,"largestFace":8}}""", "aligner.smallestFace")]
    [InlineData("not json", "experiment")]
    public void Load_WhatCannotBe_NamesTheFileAndTheField(string json, string named)
    {
        File.WriteAllText(_file, json);

        var error = Should.Throw<FaceDataException>(() => Experiment.Load(_file));

        error.Message.ShouldContain(_file);
        error.Message.ShouldContain(named);
    }

    [Fact]
    public void RateAt_CosineDecay_RisesThenFallsToZero()
    {
        var schedule = new ScheduleOptions { Steps = 1000, Warmup = 10, LearningRate = 1 };

        schedule.RateAt(0).ShouldBe(0.1, 0.001);
        schedule.RateAt(10).ShouldBe(1, 0.001);
        schedule.RateAt(500).ShouldBe(0.5, 0.001);
        schedule.RateAt(999).ShouldBe(0, 0.001);
    }

    public void Dispose() => File.Delete(_file);
}
