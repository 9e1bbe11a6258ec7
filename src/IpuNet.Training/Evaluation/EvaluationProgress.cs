namespace IpuNet.Training.Evaluation;

/// <summary>How far an evaluation is.</summary>
/// <param name="Done">Faces embedded.</param>
/// <param name="Total">Faces to embed.</param>
public readonly record struct EvaluationProgress(int Done, int Total);
