namespace IpuNet.Training.Training;

/// <summary>The loss became infinite or not a number: nothing that follows would be of use.</summary>
public sealed class TrainingDivergedException(string message) : Exception(message);
