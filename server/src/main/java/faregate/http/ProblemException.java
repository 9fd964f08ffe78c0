package faregate.http;

/// Carries a [Problem] through a failed future or out of a blocking handler. Without a stack trace:
/// it tells of the client's request, not of our code.
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final transient Problem problem;

  public ProblemException(Problem problem) {
    super(problem.message(), null, false, false);
    this.problem = problem;
  }

  public Problem problem() {
    return problem;
  }
}
